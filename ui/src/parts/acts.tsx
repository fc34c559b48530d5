// SPDX-License-Identifier: GPL-3.0-or-later
//
// acts.tsx: the acts of a notice's life, each with what it writes, what follows and what can still be corrected. One
// table: the Today list, the notice and the situation offer the same acts in the same words.
import { levelOf } from './level'
import type { Act } from './dialog'
import { useText, type Say } from '../text'

const levels = (say: Say, from: number, to: number) =>
  [1, 2, 3, 4].filter(level => level >= from && level <= to).map(level => ({ value: level, label: say(`ui.level_${['none', 'blue', 'yellow', 'orange', 'red'][level]}`) }))

export type ActName = 'notice.take_over' | 'notice.judge' | 'notice.raise' | 'notice.ask_lower' | 'notice.lower' | 'notice.close' | 'reading.answer' | 'ring.acknowledge'

export function useActs() {
  const say = useText()
  const byCommand = (command: string, target: string, level: number): Act | undefined => {
    const at = levelOf(level)
    const words = (name: string) => ({ title: say(`ui.act_${name}_title`), becomes: say(`ui.act_${name}_becomes`), next: say(`ui.act_${name}_next`), later: say(`ui.act_${name}_later`), button: say(`ui.act_${name}`) })
    switch (command) {
      case 'notice.take_over':
        return { command, ...words('take_over'), body: { notice: target }, needsReason: false }
      case 'notice.judge':
        return { command, ...words('judge'), body: { notice: target }, needsReason: true, choice: { name: 'verdict', label: say('ui.verdict'), options: ['upheld', 'changed', 'not_upheld'].map(value => ({ value, label: say(`ui.verdict_${value}`) })) }, second: { when: 'changed', name: 'level', label: say('ui.change_to'), options: levels(say, 1, 4).filter(option => option.value !== at) } }
      case 'notice.raise':
        return at >= 4 ? undefined : { command, ...words('raise'), body: { notice: target }, needsReason: true, isGrave: true, choice: { name: 'level', label: say('ui.raise_to'), options: levels(say, at + 1, 4) } }
      case 'notice.ask_lower':
        return at <= 1 ? undefined : { command, ...words('ask_lower'), body: { notice: target }, needsReason: true, choice: { name: 'level', label: say('ui.lower_to'), options: levels(say, 1, at - 1).reverse() } }
      case 'notice.lower':
        return at <= 1 ? undefined : { command, ...words('lower'), body: { notice: target }, needsReason: true, isGrave: true, choice: { name: 'level', label: say('ui.lower_to'), options: levels(say, 1, at - 1).reverse() } }
      case 'notice.close':
        return { command, ...words('close'), body: { notice: target }, needsReason: true, isGrave: true, choice: { name: 'outcome', label: say('ui.outcome'), options: ['came_true', 'did_not_happen_after_action', 'false_alarm', 'unclear'].map(value => ({ value, label: say(`ui.outcome_${value}`) })) } }
      case 'reading.answer':
        return { command, ...words('answer'), body: { question: target }, needsReason: true, choice: { name: 'answer', label: say('ui.answer'), options: ['kept', 'corrected', 'withdrawn'].map(value => ({ value, label: say(`ui.answer_${value}`) })) }, figure: { when: 'corrected', name: 'value', label: say('ui.answer_value') } }
      case 'measure.finish':
        return { command, ...words('finish'), body: { measure: target }, needsReason: true, choice: { name: 'state', label: say('ui.outcome'), options: ['done', 'dropped'].map(value => ({ value, label: say(`ui.measure_${value}`) })) } }
      default:
        return undefined
    }
  }
  return { byCommand }
}
