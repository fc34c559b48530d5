// SPDX-License-Identifier: GPL-3.0-or-later
//
// keys.ts: single keys for the acts of every morning, and up, down and enter in lists. A key typed into a field is text
// and never an act.
import { useEffect, useRef, type KeyboardEvent as ReactKeyboardEvent } from 'react'

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('dialog, [role=listbox]') !== null)

export function useKey(key: string, act: () => void, isWanted = true) {
  const latest = useRef(act)
  latest.current = act
  useEffect(() => {
    if (!isWanted) return
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== key || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return
      event.preventDefault()
      latest.current()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [key, isWanted])
}

// Up and down move between the list's marked elements (data-line); enter is the browser's own on a link.
export function walkLines(event: ReactKeyboardEvent<HTMLElement>) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp' && event.key !== 'Home' && event.key !== 'End') return
  if (event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return
  const lines = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-line]')]
  if (lines.length === 0) return
  const at = lines.findIndex(line => line === document.activeElement || line.contains(document.activeElement))
  const to = event.key === 'Home' ? 0 : event.key === 'End' ? lines.length - 1 : at < 0 ? 0 : Math.min(lines.length - 1, Math.max(0, at + (event.key === 'ArrowDown' ? 1 : -1)))
  event.preventDefault()
  lines[to]?.focus()
}
