// SPDX-License-Identifier: GPL-3.0-or-later
//
// draft.tsx: what somebody has typed and not yet sent survives a closed tab. It stays in this browser (localStorage), under
// the account and the thing that it is about; sending clears it, signing out clears all, and a week makes it too old. What
// was never typed leaves nothing behind.
import { useRef, useState } from 'react'
import { useSession } from '../api/client'
import { useText } from '../text'

const prefix = 'levee_draft:'
const keptFor = 7 * 86_400_000

type Kept = { at: number; value: unknown }

function read<T extends object>(key: string): Partial<T> {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Kept | null
    if (kept !== null && Date.now() - kept.at < keptFor && typeof kept.value === 'object' && kept.value !== null) return kept.value as Partial<T>
  } catch {
    // A browser that keeps nothing, or a text that is none of ours: there is no draft.
  }
  return {}
}

function write(key: string, value: unknown) {
  try {
    if (value === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, JSON.stringify({ at: Date.now(), value } satisfies Kept))
  } catch {
    // No room, or not allowed: the form works all the same.
  }
}

// At sign-out: every draft of this browser.
export function forgetDrafts() {
  for (const key of Object.keys(localStorage).filter(name => name.startsWith(prefix))) write(key, undefined)
}

// The fields of a form about `about`. `isFound`: they were kept from before.
export function useDraft<T extends object>(about: string, initial: T): { fields: T; change: (some: Partial<T>) => void; forget: () => void; isFound: boolean } {
  const { data: session } = useSession()
  const key = `${prefix}${session?.account ?? ''}:${about}`
  const [found] = useState(() => read<T>(key))
  const [fields, setFields] = useState<T>({ ...initial, ...found })
  const latest = useRef(fields) // a change may come later than the form that it was made in was drawn
  const change = (some: Partial<T>) => {
    latest.current = { ...latest.current, ...some }
    setFields(latest.current)
    write(key, latest.current)
  }
  return { fields, change, forget: () => write(key, undefined), isFound: Object.keys(found).length > 0 }
}

export function DraftNote() {
  const say = useText()
  return <p className="quiet draft-note" role="status">{say('ui.draft_found')}</p>
}
