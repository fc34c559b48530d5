// SPDX-License-Identifier: GPL-3.0-or-later
//
// dialog.tsx: the browser's own dialog: it traps the focus, closes on Escape and gives the focus back, without scripts.
// ActDialog is the one form in which an act is done: what becomes an entry, the reason, what can be corrected later.
import { Button, Input } from 'antd'
import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import { ApiFault, useCommand, type Receipt } from '../api/client'
import { useText } from '../text'

export function Dialog({ title, isOpen, onClose, children }: { title: string; isOpen: boolean; onClose: () => void; children: ReactNode }) {
  const place = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const dialog = place.current
    if (dialog === null) return
    if (isOpen && !dialog.open) dialog.showModal()
    if (!isOpen && dialog.open) dialog.close()
  }, [isOpen])
  return (
    <dialog ref={place} className="dialog" aria-labelledby={heading} onClose={onClose}>
      {isOpen && (
        <>
          <h2 id={heading}>{title}</h2>
          {children}
        </>
      )}
    </dialog>
  )
}

export type Act = {
  command: string
  title: string
  body: Record<string, unknown>
  becomes: string // what becomes an entry
  next: string // what happens next
  later: string // the correction that stays possible
  needsReason: boolean
  choice?: { name: string; label: string; options: { value: string | number; label: string }[] }
  button: string
  isGrave?: boolean
}

export function ActDialog({ act, onClose, onDone }: { act: Act | undefined; onClose: () => void; onDone?: (receipt: Receipt) => void }) {
  return (
    <Dialog title={act?.title ?? ''} isOpen={act !== undefined} onClose={onClose}>
      {act !== undefined && <ActForm key={act.command + JSON.stringify(act.body)} act={act} onClose={onClose} onDone={onDone} />}
    </Dialog>
  )
}

function ActForm({ act, onClose, onDone }: { act: Act; onClose: () => void; onDone?: (receipt: Receipt) => void }) {
  const say = useText()
  const command = useCommand(act.command)
  const [reason, setReason] = useState('')
  const [choice, setChoice] = useState<string | number | undefined>(act.choice?.options[0]?.value)
  const [isMissing, setMissing] = useState(false)
  const [id] = useState(() => crypto.randomUUID())
  const name = useId()
  const send = () => {
    if (act.needsReason && reason.trim() === '') return setMissing(true)
    const body = { ...act.body, ...(act.needsReason ? { reason: reason.trim() } : {}), ...(act.choice !== undefined ? { [act.choice.name]: choice } : {}) }
    command.mutate({ body, id }, { onSuccess: receipt => { onDone?.(receipt); onClose() } })
  }
  const fault = command.error instanceof ApiFault ? command.error : undefined
  return (
    <form className="act" onSubmit={event => { event.preventDefault(); send() }}>
      {(isMissing || command.error !== null) && (
        <p className="form-fault" role="alert">
          {isMissing ? say('ui.reason_missing') : fault?.status === 0 ? say('ui.act_unsent') : fault !== undefined && fault.message !== '' ? fault.message : say('ui.act_refused')}
        </p>
      )}
      {act.choice !== undefined && (
        <fieldset>
          <legend>{act.choice.label}</legend>
          {act.choice.options.map(option => (
            <label key={option.value} className="choice">
              <input type="radio" name={name + 'choice'} checked={choice === option.value} onChange={() => setChoice(option.value)} /> {option.label}
            </label>
          ))}
        </fieldset>
      )}
      {act.needsReason && (
        <div className="field">
          <label htmlFor={name}>{say('ui.reason')}</label>
          <Input.TextArea id={name} rows={3} maxLength={500} value={reason} autoFocus status={isMissing ? 'error' : ''} aria-invalid={isMissing} onChange={event => { setReason(event.target.value); setMissing(false) }} />
        </div>
      )}
      <dl className="consequence">
        <dt>{say('ui.act_becomes')}</dt><dd>{act.becomes}</dd>
        <dt>{say('ui.act_next')}</dt><dd>{act.next}</dd>
        <dt>{say('ui.act_later')}</dt><dd>{act.later}</dd>
      </dl>
      <div className="buttons">
        <Button htmlType="submit" type="primary" danger={act.isGrave ?? false} loading={command.isPending}>{act.button}</Button>
        <Button onClick={onClose}>{say('ui.cancel')}</Button>
      </div>
    </form>
  )
}
