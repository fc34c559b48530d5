// SPDX-License-Identifier: GPL-3.0-or-later
//
// main.tsx: where the page starts. Before anything is drawn no text can become markup: the default policy of Trusted
// Types turns every "<" that some library would write as HTML into a letter.
import { createRoot } from 'react-dom/client'
import { App } from './app'
import './style/levee.css'
import './style/frame.css'
import './style/pages.css'
import './style/print.css'
import { startText } from './text'
import { startTheme } from './theme'

type PolicyFactory = { createPolicy: (name: string, rules: { createHTML: (text: string) => string }) => unknown }
const factory = (window as unknown as { trustedTypes?: PolicyFactory }).trustedTypes
factory?.createPolicy('default', { createHTML: text => text.replaceAll('<', '&lt;') })

startTheme()
await startText()
const place = document.getElementById('page')
if (place !== null) createRoot(place).render(<App />)
