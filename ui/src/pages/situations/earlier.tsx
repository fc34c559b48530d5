// SPDX-License-Identifier: GPL-3.0-or-later
//
// earlier.tsx: "Could we have known earlier?" The days between what later turned out to be the beginning and the first
// report, the gap that made them, and the measure that the gap becomes.
import { Button, Input, Select } from 'antd'
import { useId, useState } from 'react'
import { ApiFault, useCommand, useRows } from '../../api/client'
import type { Earlier as Known } from '../../api/shapes'
import { dayOf, dayText } from '../../format'
import { DayInput } from '../../parts/day-input'
import { Dialog } from '../../parts/dialog'
import { DraftNote, useDraft } from '../../parts/draft'
import { useNow } from '../../parts/time'
import { language, nameOf, useText } from '../../text'

export function Earlier({ situation, earlier, mayAct }: { situation: string; earlier: Known; mayAct: boolean }) {
  const say = useText()
  const [isOpen, setOpen] = useState(false)
  return (
    <section className="earlier">
      <h2>{say('ui.earlier_title')}</h2>
      <div className="earlier-line" role="img" aria-label={say('ui.earlier_said', { onset: earlier.onset, report: earlier.report, days: earlier.days })}>
        <span><strong>{dayText(earlier.onset.slice(0, 10), language())}</strong><br />{say('ui.earlier_onset')}</span>
        <span className="earlier-days">{say('ui.earlier_days', { days: earlier.days })}</span>
        <span><strong>{dayText(earlier.report.slice(0, 10), language())}</strong><br />{say('ui.earlier_report')}</span>
      </div>
      <p>{say('ui.earlier_no_count', { day: dayText(earlier.report.slice(0, 10), language()) })}</p>
      {earlier.gap !== '' && <p><strong>{say('ui.gap')}</strong> {earlier.gap}</p>}
      {mayAct && <Button onClick={() => setOpen(true)}>{say('ui.gap_to_measure')}</Button>}
      <Dialog title={say('ui.gap_to_measure')} isOpen={isOpen} onClose={() => setOpen(false)}>
        <MeasureForm situation={situation} gap={earlier.gap} onClose={() => setOpen(false)} />
      </Dialog>
    </section>
  )
}

function MeasureForm({ situation, gap, onClose }: { situation: string; gap: string; onClose: () => void }) {
  const say = useText()
  const now = useNow()
  const units = useRows('/units', { limit: 500 })
  const command = useCommand('measure.add')
  const draft = useDraft<{ text: string; unit: string | undefined; day: string }>(`measure.add:${situation}`, { text: say('ui.measure_draft'), unit: undefined, day: dayOf(now + 30 * 86_400_000) })
  const { text, unit, day } = draft.fields
  const [isMissing, setMissing] = useState(false)
  const [id] = useState(() => crypto.randomUUID())
  const name = useId()
  const send = () => {
    if (text.trim() === '' || unit === undefined || day === '') return setMissing(true)
    command.mutate({ body: { situation, text: text.trim(), unit, due_at: `${day}T18:00:00+08:00` }, id }, { onSuccess: () => { draft.forget(); onClose() } })
  }
  const fault = command.error instanceof ApiFault ? command.error : undefined
  return (
    <form className="act" onSubmit={event => { event.preventDefault(); send() }}>
      {(isMissing || command.error !== null) && <p className="form-fault" role="alert">{isMissing ? say('ui.measure_missing') : fault !== undefined && fault.message !== '' ? fault.message : say('ui.act_unsent')}</p>}
      {draft.isFound && <DraftNote />}
      <p className="quiet">{gap}</p>
      <div className="field"><label htmlFor={name}>{say('ui.measure_text')}</label><Input.TextArea id={name} rows={3} maxLength={500} value={text} onChange={event => draft.change({ text: event.target.value })} /></div>
      <div className="field"><span id={name + 'unit'}>{say('ui.measure_unit')}</span><Select aria-labelledby={name + 'unit'} value={unit} onChange={value => draft.change({ unit: value })} getPopupContainer={node => node.parentElement ?? document.body} options={(units.data?.rows ?? []).map(row => ({ value: row.id, label: nameOf(row, 'name') }))} /></div>
      <DayInput label={say('ui.measure_due')} value={day} onDay={value => draft.change({ day: value })} />
      <dl className="consequence"><dt>{say('ui.act_becomes')}</dt><dd>{say('ui.measure_becomes')}</dd><dt>{say('ui.act_next')}</dt><dd>{say('ui.measure_next')}</dd><dt>{say('ui.act_later')}</dt><dd>{say('ui.measure_later')}</dd></dl>
      <div className="buttons"><Button htmlType="submit" type="primary" loading={command.isPending}>{say('ui.measure_add')}</Button><Button onClick={onClose}>{say('ui.cancel')}</Button></div>
    </form>
  )
}
