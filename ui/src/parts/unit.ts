// SPDX-License-Identifier: GPL-3.0-or-later
//
// unit.ts: units of measurement. A series carries its unit as its pack writes it in Chinese; the English word for it
// stands in the catalogue. A unit that the catalogue does not know is shown as it comes.
import type { Say } from '../text'

const known: Record<string, string> = { 例: 'ui.unit_cases', 个月: 'ui.unit_months', 件: 'ui.unit_messages', '倍（月均支出）': 'ui.unit_times' }

export function unitText(unit: string, say: Say): string {
  const key = known[unit]
  return key === undefined ? unit : say(key)
}
