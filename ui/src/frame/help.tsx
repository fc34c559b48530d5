// SPDX-License-Identifier: GPL-3.0-or-later
//
// help.tsx: the keys, behind "?" on every page; and P, which prints the page one looks at (the overview prints the
// leader's sheet and knows the key itself).
import { useState } from 'react'
import { useLocation } from 'react-router-dom'
import { Button } from 'antd'
import { Dialog } from '../parts/dialog'
import { useKey } from '../parts/keys'
import { useText } from '../text'

const keys = [['N', 'ui.help_n'], ['P', 'ui.help_p'], ['/', 'ui.help_search'], ['↑ ↓', 'ui.help_lines'], ['Enter', 'ui.help_enter'], ['Tab', 'ui.help_tab'], ['Esc', 'ui.help_escape'], ['?', 'ui.help_help']] as const

export function Help() {
  const say = useText()
  const { pathname } = useLocation()
  const [isOpen, setOpen] = useState(false)
  useKey('?', () => setOpen(true))
  useKey('p', () => window.print(), pathname !== '/')
  return (
    <Dialog title={say('ui.help_title')} isOpen={isOpen} onClose={() => setOpen(false)}>
      <dl className="help-keys">{keys.map(([key, words]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{say(words)}</dd></div>)}</dl>
      <div className="buttons"><Button onClick={() => setOpen(false)}>{say('ui.close')}</Button></div>
    </Dialog>
  )
}
