// SPDX-License-Identifier: GPL-3.0-or-later
//
// sheet.tsx: the leader's sheet: what the overview says, as one A4 page for the table. Only the printer sees it. It
// carries the store's kind, what it may be used for, and the number of the entry up to which it is true.
import type { Row, Session } from '../../api/client'
import { sentences } from '../../api/shapes'
import { timeText } from '../../format'
import { hatch, Level, Origin } from '../../parts/level'
import { Deadline } from '../../parts/time'
import { language, nameOf, say as write, useText } from '../../text'
import { answering, clockWords, Fields, FootLine } from './overview'

type Props = { session: Session; situations: Row<'/overview/situations'>[]; fields: Row<'/overview/fields'>[]; foot: Row<'/overview/foot'> | undefined; sequence: number; isInvented: boolean }

export function Sheet({ session, situations, fields, foot, sequence, isInvented }: Props) {
  const say = useText()
  return (
    <article className="sheet" aria-hidden="true">
      <header>
        <p className="sheet-mark">{session.store.kind === 'replay' && <strong>{say('ui.replay')}</strong>}{session.store.kind === 'drill' && <strong>{say('ui.drill')}</strong>} <span>{say('ui.unclassified')}</span></p>
        <h1>{say('ui.sheet_title', { name: nameOf(session, 'division') })}</h1>
        <p className="sheet-time">{timeText(session.store.time, language())}</p>
      </header>
      <section>
        <h2>{say('ui.sheet_matters')}</h2>
        {situations.length === 0 && <p>{say('ui.matters_none')}</p>}
        <ol>
          {situations.slice(0, 3).map(row => (
            <li key={row.id} className={hatch(row.origin).trim()}>
              <p className="sheet-head"><Level level={row.level} isNotice /> {say(`ui.area_${row.field}`)} <Origin origin={row.origin} /></p>
              <p><strong>{write(row.title)}</strong></p>
              {sentences(row.change).map(line => <p key={line}>{line}</p>)}
              <p className="sheet-who">{say('ui.sheet_answers', { unit: answering(row, say) })} {row.next_clock_at !== null && <>{clockWords(row, say)}: <Deadline at={row.next_clock_at} /></>}</p>
            </li>
          ))}
        </ol>
      </section>
      <section>
        <h2>{say('ui.fields_title')}</h2>
        <Fields rows={fields} />
      </section>
      {foot !== undefined && <section><h2>{say('ui.foot_title')}</h2><FootLine row={foot} /></section>}
      <footer>
        <p>{say('ui.sheet_levels')}</p>
        {isInvented && <p>{say('ui.sheet_simulated')}</p>}
        <p>{say('ui.sheet_source', { ledger: session.store.ledger, sequence })}</p>
      </footer>
    </article>
  )
}
