// SPDX-License-Identifier: GPL-3.0-or-later
//
// dialog.tsx: the browser's own dialog: it traps the focus, closes on Escape and gives the focus back, without scripts.
// ActDialog is the one form in which an act is done: what becomes an entry, the reason, what can be corrected later.
import { Button, Input } from 'antd'
import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import { ApiFault, useCommand, type Receipt } from '../api/client'
import { readFigure } from '../format'
import { useText } from '../text'
import { DraftNote, useDraft } from './draft'

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

type Choice = { name: string; label: string; options: { value: string | number; label: string }[] }

export type Act = {
  command: string
  title: string
  body: Record<string, unknown>
  becomes: string // what becomes an entry
  next: string // what happens next
  later: string // the correction that stays possible
  needsReason: boolean
  choice?: Choice
  figure?: { name: string; label: string; when: string } // a number that one of the choices asks for
  second?: Choice & { when: string } // a further choice that one of the choices asks for
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

function Choices({ choice, chosen, onChoose }: { choice: Choice; chosen: string | number | undefined; onChoose: (value: string | number) => void }) {
  const name = useId()
  return (
    <fieldset>
      <legend>{choice.label}</legend>
      {choice.options.map(option => (
        <label key={option.value} className="choice">
          <input type="radio" name={name} checked={chosen === option.value} onChange={() => onChoose(option.value)} /> {option.label}
        </label>
      ))}
    </fieldset>
  )
}

function ActForm({ act, onClose, onDone }: { act: Act; onClose: () => void; onDone?: (receipt: Receipt) => void }) {
  const say = useText()
  const command = useCommand(act.command)
  type Fields = { reason: string; choice: string | number | undefined; second: string | number | undefined; figure: string }
  const draft = useDraft<Fields>(act.command + JSON.stringify(act.body), { reason: '', choice: act.choice?.options[0]?.value, second: act.second?.options[0]?.value, figure: '' })
  const { reason, figure } = draft.fields
  const offered = (options: Choice | undefined, value: string | number | undefined) => (options?.options.some(option => option.value === value) ? value : options?.options[0]?.value)
  const choice = offered(act.choice, draft.fields.choice)
  const second = offered(act.second, draft.fields.second)
  const [isMissing, setMissing] = useState(false)
  const [id] = useState(() => crypto.randomUUID())
  const name = useId()
  const asksFigure = act.figure !== undefined && act.figure.when === choice
  const asksSecond = act.second !== undefined && act.second.when === choice
  const send = () => {
    if ((act.needsReason && reason.trim() === '') || (asksFigure && readFigure(figure) === undefined)) return setMissing(true)
    const body: Record<string, unknown> = { ...act.body }
    if (act.needsReason) body.reason = reason.trim()
    if (act.choice !== undefined) body[act.choice.name] = choice
    if (act.figure !== undefined && asksFigure) body[act.figure.name] = String(readFigure(figure))
    if (act.second !== undefined && asksSecond) body[act.second.name] = second
    command.mutate({ body, id }, { onSuccess: receipt => { draft.forget(); onDone?.(receipt); onClose() } })
  }
  const fault = command.error instanceof ApiFault ? command.error : undefined
  return (
    <form className="act" onSubmit={event => { event.preventDefault(); send() }}>
      {draft.isFound && <DraftNote />}
      {(isMissing || command.error !== null) && (
        <p className="form-fault" role="alert">
          {isMissing ? say(asksFigure && readFigure(figure) === undefined ? 'ui.answer_value_missing' : 'ui.reason_missing') : fault?.status === 0 ? say('ui.act_unsent') : fault !== undefined && fault.message !== '' ? fault.message : say('ui.act_refused')}
        </p>
      )}
      {act.choice !== undefined && <Choices choice={act.choice} chosen={choice} onChoose={value => draft.change({ choice: value })} />}
      {act.second !== undefined && asksSecond && <Choices choice={act.second} chosen={second} onChoose={value => draft.change({ second: value })} />}
      {act.figure !== undefined && asksFigure && (
        <div className="field">
          <label htmlFor={name + 'figure'}>{act.figure.label}</label>
          <Input id={name + 'figure'} inputMode="decimal" value={figure} status={isMissing && readFigure(figure) === undefined ? 'error' : ''} onChange={event => { draft.change({ figure: event.target.value }); setMissing(false) }} />
        </div>
      )}
      {act.needsReason && (
        <div className="field">
          <label htmlFor={name}>{say('ui.reason')}</label>
          <Input.TextArea id={name} rows={3} maxLength={500} value={reason} status={isMissing ? 'error' : ''} aria-invalid={isMissing} onChange={event => { draft.change({ reason: event.target.value }); setMissing(false) }} />
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
