// SPDX-License-Identifier: GPL-3.0-or-later
//
// title.tsx: the one heading of a page, and the window's title with it. In print the store's kind stands before it.
import { useEffect, type ReactNode } from 'react'
import { useSession } from '../api/client'
import { timeText } from '../format'
import { language, useText } from '../text'

export function Title({ text, children }: { text: string; children?: ReactNode }) {
  const say = useText()
  const { data } = useSession()
  const kind = data?.store.kind
  useEffect(() => {
    document.title = say('ui.title', { page: text })
  })
  return (
    <header className="title">
      <p className="print-mark">
        {kind === 'replay' && <strong>{say('ui.replay')} </strong>}
        {kind === 'drill' && <strong>{say('ui.drill')} </strong>}
        {data !== undefined && timeText(data.store.time, language())} · {say('ui.unclassified')}
      </p>
      <h1>{text}</h1>
      {children}
    </header>
  )
}
