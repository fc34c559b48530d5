// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline.tsx: what was done, by which post, when: one step an entry, and each step opens the proof of its entry. Newest
// first, a screenful; the rest behind a button. The same step said several times on end is one line with its count.
import { Button } from 'antd'
import { useState } from 'react'
import type { Row } from '../api/client'
import { timeText } from '../format'
import { language, nameOf, say as write, useText } from '../text'
import { Go } from './go'

type Step = Row<'/notices/{id}/timeline'>
type Line = { step: Step; said: string; more: number }
const screenful = 12

// Days pass and the same is held again: only figures differ. Such steps are told by their sentence's key.
const kindOf = (step: Step): string => `${step.type} ${JSON.stringify(step.what).replace(/"(period|quiet|value|sum)":("[^"]*"|[\d.]+)/g, '')}`

function fold(steps: Step[]): Line[] {
  const lines: Line[] = []
  let last = ''
  for (const step of [...steps].reverse()) {
    const kind = kindOf(step)
    if (kind === last) lines[lines.length - 1]!.more++
    else lines.push({ step, said: write(step.what) || step.type, more: 0 })
    last = kind
  }
  return lines
}

export function Timeline({ steps }: { steps: Step[] }) {
  const say = useText()
  const [isWhole, setWhole] = useState(false)
  const lines = fold(steps)
  const shown = isWhole ? lines : lines.slice(0, screenful)
  return (
    <>
      <ol className="timeline">
        {shown.map(({ step, said, more }) => {
          const who = [nameOf(step, 'unit'), nameOf(step, 'post')].filter(part => part !== '').join(' ')
          return (
            <li key={step.sequence} className={step.type.startsWith('official') ? 'is-official' : ''}>
              <time dateTime={step.time}>{timeText(step.time, language())}</time>
              <span className="timeline-what">{said}{more > 0 && <span className="quiet"> {say('ui.step_repeated', { count: more })}</span>}</span>
              <span className="quiet">{who !== '' ? who : say('ui.by_program')}</span>
              <Go to={`/entries/${step.sequence}`} aria-label={say('ui.open_proof', { sequence: step.sequence })}>{say('ui.proof')}</Go>
            </li>
          )
        })}
      </ol>
      {lines.length > shown.length && <Button onClick={() => setWhole(true)}>{say('ui.earlier_steps', { count: lines.length - shown.length })}</Button>}
    </>
  )
}
