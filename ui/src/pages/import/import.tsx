// SPDX-License-Identifier: GPL-3.0-or-later
//
// import.tsx: figures from a file or from a spreadsheet, in three steps: what and where from; look before it lands; land
// and watch. Nothing lands that was not shown, and each refused row is told with its line, column and value.
import { Button, Input, Progress, Select } from 'antd'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiFault, postText, readJson, useRows } from '../../api/client'
import { number, sentenceOf, text as textOf, things } from '../../api/shapes'
import { numberText } from '../../format'
import { DraftNote, useDraft } from '../../parts/draft'
import { Go } from '../../parts/go'
import { Title } from '../../parts/title'
import { language, nameOf, useText } from '../../text'

type Fault = { line: number; column: string; value: string; words: string }
type Preview = { columns: string[]; sample: string[][]; rows: number; faults: Fault[] }

// A selection copied from a spreadsheet has tabs: made into CSV, quoting what holds a comma, a quote or a line break.
export function asCsv(typed: string): string {
  const plain = typed.replace(/\r\n?/g, '\n')
  if (!plain.includes('\t')) return plain
  const quote = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
  return plain.split('\n').map(line => line.split('\t').map(quote).join(',')).join('\n')
}

// A spreadsheet here writes GB 18030 as often as UTF-8: what is no UTF-8 is read as GB 18030, and the choice says so.
function decode(bytes: ArrayBuffer, encoding: string): { text: string; encoding: string } {
  try {
    return { text: new TextDecoder(encoding, { fatal: encoding === 'utf-8' }).decode(bytes), encoding }
  } catch {
    return { text: new TextDecoder('gb18030').decode(bytes), encoding: 'gb18030' }
  }
}

// A fault names its column by number, from one; people know it by its heading.
const faultsOf = (value: unknown, columns: string[] = []): Fault[] =>
  things(value).map(fault => ({ line: number(fault.line) ?? 0, column: columns[(number(fault.column) ?? 0) - 1] ?? String(fault.column ?? ''), value: String(fault.value ?? ''), words: textOf(fault.text) ?? sentenceOf(fault, 'text') }))

function previewOf(value: Record<string, unknown>): Preview {
  const columns = Array.isArray(value.columns) ? value.columns.map(column => (typeof column === 'string' ? column : String((column as { name?: unknown })?.name ?? ''))) : []
  const sample = Array.isArray(value.sample) ? value.sample.map(row => (Array.isArray(row) ? row.map(String) : columns.map(column => String((row as Record<string, unknown>)[column] ?? '')))) : []
  return { columns, sample, rows: number(value.row_count) ?? 0, faults: faultsOf(value.faults, columns) }
}

function Faults({ list }: { list: Fault[] }) {
  const say = useText()
  return (
    <table className="list faults">
      <thead><tr><th scope="col" className="right">{say('ui.fault_line')}</th><th scope="col">{say('ui.fault_column')}</th><th scope="col">{say('ui.fault_value')}</th><th scope="col">{say('ui.fault_words')}</th></tr></thead>
      <tbody>{list.slice(0, 100).map((fault, i) => <tr key={i}><td className="right figure" data-title={say('ui.fault_line')}>{fault.line}</td><td data-title={say('ui.fault_column')}>{fault.column}</td><td data-title={say('ui.fault_value')}><code>{fault.value}</code></td><td data-title={say('ui.fault_words')}>{fault.words}</td></tr>)}</tbody>
    </table>
  )
}

function Watch({ id, columns, field, onAgain, onResend }: { id: string; columns: string[]; field: string | undefined; onAgain: () => void; onResend: () => Promise<void> }) {
  const say = useText()
  const { data, refetch } = useQuery({
    queryKey: ['import', id],
    queryFn: () => readJson<Record<string, unknown>>(`/import/${id}`),
    refetchInterval: query => (['done', 'refused', 'unknown'].includes(String(query.state.data?.state)) ? false : 400),
  })
  const state = textOf(data?.state) ?? 'reading'
  const total = number(data?.total) ?? 0
  const done = number(data?.done) ?? 0
  const faults = faultsOf(data?.faults, columns)
  const words = textOf(data?.text)
  return (
    <section aria-live="polite">
      <h2>{say(`ui.import_${state}`)}</h2>
      <Progress aria-label={say('ui.import_progress')} percent={state === 'done' ? 100 : total === 0 ? 0 : Math.floor((done / total) * 100)} status={state === 'refused' ? 'exception' : state === 'done' ? 'success' : 'active'} />
      {words !== undefined && <p>{words}</p>}
      {state === 'unknown' && <Button type="primary" onClick={() => void onResend().then(() => refetch())}>{say('ui.import_resend')}</Button>}
      {total > 0 && <p>{say('ui.import_counts', { done: numberText(done, language()), total: numberText(total, language()) })}</p>}
      {faults.length > 0 && <Faults list={faults} />}
      {state === 'done' && <p><Go to={field === undefined ? '/series' : `/series?field=${field}`}>{say('ui.import_series')}</Go></p>}
      {(state === 'done' || state === 'refused') && <Button onClick={onAgain}>{say('ui.import_again')}</Button>}
    </section>
  )
}

export function Page() {
  const say = useText()
  const indicators = useRows('/indicators', { limit: 500 })
  const draft = useDraft<{ indicator: string | undefined; origin: string | undefined; source: string; encoding: string }>('import', { indicator: undefined, origin: undefined, source: '', encoding: 'utf-8' })
  const { indicator, origin, source, encoding } = draft.fields
  const [body, setBody] = useState('')
  const [preview, setPreview] = useState<Preview | undefined>()
  const [file, setFile] = useState('')
  const [running, setRunning] = useState<string | undefined>()
  const [key, setKey] = useState(() => crypto.randomUUID()) // of this import, however often it is sent
  const [fault, setFault] = useState('')
  const [isBusy, setBusy] = useState(false)
  const parameters = { indicator, origin, source, encoding: 'utf-8' }
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true)
    setFault('')
    try {
      await work()
    } catch (error) {
      setFault(error instanceof ApiFault && error.message !== '' ? error.message : say('ui.act_unsent'))
    }
    setBusy(false)
  }
  const look = () => attempt(async () => setPreview(previewOf(await postText<Record<string, unknown>>('/import/preview', parameters, asCsv(body)))))
  const land = () => attempt(async () => {
    setRunning(String((await postText<Record<string, unknown>>('/import', parameters, asCsv(body), { key })).import))
    draft.forget()
  })
  const take = async (chosen: File | undefined) => {
    if (chosen === undefined) return
    setFile(chosen.name)
    const read = decode(await chosen.arrayBuffer(), encoding)
    draft.change({ encoding: read.encoding })
    setBody(read.text)
    setPreview(undefined)
  }
  const again = () => {
    setKey(crypto.randomUUID())
    setRunning(undefined)
    setPreview(undefined)
    setBody('')
    setFile('')
  }
  const isReady = indicator !== undefined && origin !== undefined && source.trim() !== '' && body.trim() !== ''
  return (
    <div className="page import">
      <Title text={say('ui.menu_import')}><p className="quiet">{say('ui.import_about')}</p></Title>
      {fault !== '' && <p className="form-fault" role="alert">{fault}</p>}
      {draft.isFound && running === undefined && <DraftNote />}
      {running !== undefined ? <Watch id={running} field={(indicators.data?.rows ?? []).find(row => row.code === indicator)?.field ?? undefined} columns={preview?.columns ?? []} onAgain={again} onResend={land} /> : (
        <form onSubmit={event => { event.preventDefault(); void look() }}>
          <section>
            <h2>{say('ui.import_step_1')}</h2>
            <div className="field-row">
              <label className="field"><span>{say('ui.indicator')}</span><Select aria-label={say('ui.indicator')} value={indicator} onChange={value => draft.change({ indicator: value })} placeholder={say('ui.choose')} options={(indicators.data?.rows ?? []).map(row => ({ value: row.code, label: nameOf(row, 'name') }))} /></label>
              <label className="field"><span>{say('ui.origin')}</span><Select aria-label={say('ui.origin')} value={origin} onChange={value => draft.change({ origin: value })} placeholder={say('ui.choose')} options={['real', 'simulated'].map(value => ({ value, label: say(`ui.origin_${value}`) }))} /></label>
              <label className="field" htmlFor="source"><span>{say('ui.source')}</span><Input id="source" value={source} maxLength={200} onChange={event => draft.change({ source: event.target.value })} /></label>
              <label className="field"><span>{say('ui.encoding')}</span><Select aria-label={say('ui.encoding')} value={encoding} onChange={value => draft.change({ encoding: value })} options={[{ value: 'utf-8', label: 'UTF-8' }, { value: 'gb18030', label: 'GB 18030' }]} /></label>
            </div>
          </section>
          <section>
            <h2>{say('ui.import_step_2')}</h2>
            <p><label className="file plain-button">{say('ui.import_file')} <input type="file" accept=".csv,.txt,.tsv" onChange={event => { void take(event.target.files?.[0]); event.target.value = '' }} /></label> <span className="file-name quiet">{file}</span></p>
            <label htmlFor="body">{say('ui.import_paste')}</label>
            <Input.TextArea id="body" rows={8} value={body} className="mono" onChange={event => { setBody(event.target.value); setPreview(undefined) }} />
            <div className="buttons"><Button type={preview === undefined ? 'primary' : 'default'} htmlType="submit" disabled={!isReady} loading={isBusy && preview === undefined}>{say('ui.import_look')}</Button></div>
          </section>
          {preview !== undefined && (
            <section>
              <h2>{say('ui.import_step_3')}</h2>
              <p role="status">{say('ui.import_found', { rows: numberText(preview.rows, language()), faults: preview.faults.length })}</p>
              {preview.sample.length > 0 && (
                <div className="scroll" tabIndex={0}>
                  <table className="list sample"><thead><tr>{preview.columns.map(column => <th key={column} scope="col">{column}</th>)}</tr></thead><tbody>{preview.sample.slice(0, 10).map((row, i) => <tr key={i}>{row.map((cell, k) => <td key={k}>{cell}</td>)}</tr>)}</tbody></table>
                </div>
              )}
              {preview.faults.length > 0 && <><h3>{say('ui.import_faults')}</h3><Faults list={preview.faults} /></>}
              <p className="quiet">{say('ui.import_next')}</p>
              <div className="buttons"><Button type="primary" disabled={preview.faults.length > 0 || preview.rows === 0} loading={isBusy} onClick={() => void land()}>{say('ui.import_land', { rows: numberText(preview.rows, language()) })}</Button></div>
            </section>
          )}
        </form>
      )}
    </div>
  )
}
