// SPDX-License-Identifier: GPL-3.0-or-later
//
// theme.ts: light or dark. The choice is kept in a cookie; without one the machine's own wish counts. The colours stand
// in style/levee.css; Ant Design gets the few it needs from here.
import { useSyncExternalStore } from 'react'
import { cookie, keepCookie } from './text'

export type Theme = 'light' | 'dark'
const listeners = new Set<() => void>()
let current: Theme = 'light'

function apply(theme: Theme) {
  current = theme
  document.documentElement.dataset.theme = theme
  listeners.forEach(listener => listener())
}

export function startTheme() {
  const kept = cookie('levee_theme')
  apply(kept === 'dark' || kept === 'light' ? kept : window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
}

export function changeTheme(theme: Theme) {
  keepCookie('levee_theme', theme)
  apply(theme)
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}
