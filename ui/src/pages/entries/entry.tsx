// SPDX-License-Identifier: GPL-3.0-or-later
//
// entry.tsx: the proof of one entry: its head, its body, the hash of exactly its bytes, and the path of hashes from it to
// the tree's head. Whoever holds the numbers can check them without us.
import { useParams } from 'react-router-dom'
import { useRows } from '../../api/client'
import { texts } from '../../api/shapes'
import { bytesText } from '../../format'
import { Await, State } from '../../parts/states'
import { Moment } from '../../parts/time'
import { Title } from '../../parts/title'
import { nameOf, useText } from '../../text'

export function Page() {
  const say = useText()
  const { sequence = '' } = useParams()
  const entry = useRows('/entries/{sequence}', { sequence })
  return (
    <div className="page entry">
      <Title text={say('ui.entry_title', { number: sequence })}><p className="quiet">{say('ui.entry_about')}</p></Title>
      <Await query={entry} isEmpty={data => data.rows.length === 0} empty={<State picture="absent" title={say('ui.missing_title')}>{say('ui.missing_text')}</State>}>
        {data => {
          const row = data.rows[0]!
          const path = texts(row.inclusion)
          const number = sequence.split('-').pop() ?? sequence
          return (
            <>
              <dl className="facts facts-wide">
                <dt>{say('ui.entry_type')}</dt><dd><code>{String(row.type)}.{String(row.form)}</code></dd>
                <dt>{say('ui.entry_time')}</dt><dd><Moment at={row.time} /></dd>
                <dt>{say('ui.entry_by')}</dt><dd>{[nameOf(row, 'unit'), nameOf(row, 'post')].filter(part => part !== '').join(' ') || say('ui.by_program')}</dd>
                <dt>{say('ui.entry_part')}</dt><dd>{say('ui.entry_part_of', { part: row.part ?? 1, parts: row.parts ?? 1 })}{typeof row.payload_bytes === 'number' && row.payload_bytes > 0 ? ' · ' + bytesText(row.payload_bytes) : ''}</dd>
              </dl>
              <section><h2>{say('ui.entry_body')}</h2>{row.is_withheld ? <p className="quiet">{say('ui.entry_withheld')}</p> : <pre tabIndex={0}>{JSON.stringify(row.body, null, 2)}</pre>}</section>
              <section>
                <h2>{say('ui.proof')}</h2>
                <dl className="facts facts-wide">
                  <dt>{say('ui.leaf_hash')}</dt><dd><code className="hash">{row.leaf_hash}</code></dd>
                  <dt>{say('ui.tree_size')}</dt><dd>{row.tree_size}</dd>
                  <dt>{say('ui.root_hash')}</dt><dd><code className="hash">{row.root}</code></dd>
                </dl>
                <h3>{say('ui.inclusion_path')}</h3>
                <ol className="hashes">{path.map((hash, i) => <li key={i}><code className="hash">{hash}</code></li>)}</ol>
                <p>{say('ui.proof_how')}</p>
                <pre tabIndex={0}>{`levee ledger show ${number}\nlevee ledger prove ${number}\nlevee ledger verify`}</pre>
              </section>
            </>
          )
        }}
      </Await>
    </div>
  )
}
