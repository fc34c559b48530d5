// SPDX-License-Identifier: GPL-3.0-or-later
//
// focus.ts: the keyboard never loses its place. When what had the focus leaves the page or can no longer be used (an act
// that is done takes its button away, a list leads to another page), browsers put the focus on nothing and Tab begins
// again at the top. Here it goes to the nearest place that is still there: the next thing to use in the same part of the
// page, else the beginning of the content. While a dialog is open the browser keeps the focus, and gives it back itself.
import { useEffect } from 'react'

const usable = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]'

export function useKeptFocus() {
  useEffect(() => {
    let last: HTMLElement | SVGElement | undefined
    let around: Element[] = [] // what stood around it, from the inside out
    const remember = (event: FocusEvent) => {
      if (!(event.target instanceof HTMLElement || event.target instanceof SVGElement) || event.target.closest('dialog') !== null) return
      last = event.target
      around = []
      for (let up = last.parentElement; up !== null; up = up.parentElement) around.push(up)
    }
    const restore = () => {
      if (last === undefined || (last.isConnected && !last.matches(':disabled'))) return
      if ((document.activeElement ?? document.body) !== document.body || document.querySelector('dialog[open]') !== null) return
      const content = document.getElementById('content')
      const part = around.find(one => one.isConnected && (one === content || one.matches('.page') || one.querySelector(usable) !== null))
      const next = part === undefined || part === content || part.matches('.page') || part.contains(content) ? content : part.querySelector<HTMLElement>(usable)
      last = undefined
      next?.focus({ preventScroll: next === content })
    }
    const watch = new MutationObserver(restore)
    document.addEventListener('focusin', remember)
    watch.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['open', 'disabled'] })
    return () => {
      watch.disconnect()
      document.removeEventListener('focusin', remember)
    }
  }, [])
}
