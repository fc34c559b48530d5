// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline.tsx: what was done, by which post, when: one step an entry, and each step opens the proof of its entry.
import { Go } from './go'
import type { Row } from '../api/client'
import { timeText } from '../format'
import { language, nameOf, say as write, useText } from '../text'

type Step = Row<'/notices/{id}/timeline'>

export function Timeline({ steps }: { steps: Step[] }) {
  const say = useText()
  return (
    <ol className="timeline">
      {steps.map(step => {
        const who = [nameOf(step, 'unit'), nameOf(step, 'post')].filter(part => part !== '').join(' ')
        return (
          <li key={String(step.sequence)} className={String(step.type).startsWith('official') ? 'is-official' : ''}>
            <time dateTime={step.time}>{timeText(step.time, language())}</time>
            <span className="timeline-what">{write(step.what) || String(step.type)}</span>
            <span className="quiet">{who !== '' ? who : say('ui.by_program')}</span>
            <Go to={`/entries/${step.sequence}`} aria-label={say('ui.open_proof', { sequence: String(step.sequence) })}>{say('ui.proof')}</Go>
          </li>
        )
      })}
    </ol>
  )
}
