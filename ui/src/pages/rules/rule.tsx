// SPDX-License-Identifier: GPL-3.0-or-later
//
// rule.tsx: a rule's record, firing by firing: when, where, and what came of it within the periods that the rule declares,
// as known at the moment one looks at. It opens from the counts of a notice, which are as known when that was raised.
import { useParams, useSearchParams } from 'react-router-dom'
import { useRows } from '../../api/client'
import { numberText, periodText } from '../../format'
import { Go } from '../../parts/go'
import { hatch, isSimulated, Origin } from '../../parts/level'
import { Await, State } from '../../parts/states'
import { Title } from '../../parts/title'
import { language, nameOf, useText } from '../../text'

export function Page() {
  const say = useText()
  const { rule = '' } = useParams()
  const [search] = useSearchParams()
  const given = (name: string) => search.get(name) ?? undefined
  const origin = given('origin')
  const record = useRows('/rules/{rule}/record', { rule, indicator: given('indicator'), origin, before: given('before') })
  const first = record.data?.rows[0]
  const before = given('before')
  const figure = (value: number | null) => (value === null ? '—' : numberText(value, language()))
  return (
    <div className="page rule">
      <Title text={first === undefined ? say('ui.rule_title') : nameOf(first, 'rule')}>
        <p className={'title-marks' + hatch(origin)}>{before === undefined ? say('ui.rule_about') : say('ui.rule_about_before', { period: periodText(before, language()) })} <Origin origin={origin} /></p>
      </Title>
      <Await query={record} isEmpty={data => data.rows.length === 0} empty={<State picture="calm" title={say('ui.rule_none')}>{say('ui.rule_none_text')}</State>}>
        {data => (
          <>
            <p className="rule-counts"><strong>{say('ui.rule_counts', { fired: data.rows.length, came_true: data.rows.filter(row => row.came_true).length })}</strong></p>
            <table className="list points">
              <thead><tr><th scope="col">{say('ui.period')}</th><th scope="col">{say('ui.division')}</th><th scope="col" className="right">{say('ui.value')}</th><th scope="col" className="right">{say('ui.rule_reached')}</th><th scope="col" className="right">{say('ui.rule_needed')}</th><th scope="col">{say('ui.rule_outcome')}</th></tr></thead>
              <tbody>
                {data.rows.map(row => (
                  <tr key={`${row.series} ${row.period}`} className={isSimulated(origin) ? 'is-simulated' : ''}>
                    <td className="first">{periodText(row.period, language())}</td>
                    <td data-title={say('ui.division')}><Go to={`/series/${row.series ?? ''}`}>{nameOf(row, 'division')}</Go></td>
                    <td className="right figure" data-title={say('ui.value')}>{figure(row.value)}</td>
                    <td className="right figure" data-title={say('ui.rule_reached')}>{figure(row.reached)}</td>
                    <td className="right figure" data-title={say('ui.rule_needed')}>{figure(row.needed)}</td>
                    <td data-title={say('ui.rule_outcome')}><span className="squares" aria-hidden="true"><span className={row.came_true ? 'square is-true' : 'square'} /></span> {say(row.came_true ? 'ui.rule_came_true' : row.is_decided ? 'ui.rule_did_not' : 'ui.rule_undecided')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </Await>
    </div>
  )
}
