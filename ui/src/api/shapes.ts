// SPDX-License-Identifier: GPL-3.0-or-later
//
// shapes.ts: reading the JSON columns. The program's description calls them JSON without saying what stands inside, so
// each is looked at here, once, and what does not fit is left out: a page shows less rather than breaking.
import { isSentence, say } from '../text'

type Thing = Record<string, unknown>
const isThing = (value: unknown): value is Thing => typeof value === 'object' && value !== null && !Array.isArray(value)

export const things = (value: unknown): Thing[] => (Array.isArray(value) ? value.filter(isThing) : isThing(value) ? [value] : [])
export const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
export const number = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)
export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((part): part is string => typeof part === 'string') : [])

// One sentence or many, each written; empty ones are left out.
export function sentences(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value]
  return list.map(say).filter(written => written !== '')
}

// The first of several places where a thing may carry its sentence, else a pair of columns NAME_zh, NAME_en.
export function sentenceOf(thing: Thing, ...names: string[]): string {
  for (const name of names) {
    const written = say(thing[name])
    if (written !== '') return written
    const pair = say({ zh: thing[name + '_zh'], en: thing[name + '_en'] })
    if (pair !== '') return pair
  }
  return isSentence(thing) ? say(thing) : ''
}

export type Act = { time?: string; act: string; authority: string; source: string; kind: string }

export const acts = (value: unknown): Act[] =>
  things(value).map(thing => ({
    time: text(thing.time),
    act: sentenceOf(thing, 'act', 'what', 'text'),
    authority: sentenceOf(thing, 'authority'),
    source: sentenceOf(thing, 'source'),
    kind: text(thing.kind) ?? 'official',
  }))

export type RuleRecord = { rule: string; name: string; fired: number; cameTrue: number; said: string }

export const records = (value: unknown): RuleRecord[] =>
  things(value).map(thing => ({
    rule: text(thing.rule) ?? '',
    name: sentenceOf(thing, 'name', 'rule_name'),
    fired: number(thing.fired) ?? 0,
    cameTrue: number(thing.came_true) ?? 0,
    said: sentences(thing.keys ?? thing.text ?? (isSentence(thing) ? thing : undefined)).join(' '),
  }))

export type Seen = { level: string; time: string }

export const seenAbove = (value: unknown): Seen[] =>
  things(value).flatMap(thing => {
    const time = text(thing.time)
    return time === undefined ? [] : [{ level: sentenceOf(thing, 'name', 'unit', 'division', 'level'), time }]
  })

export type Clock = { said: string; at?: string }

export const clocks = (value: unknown): Clock[] => things(value).map(thing => ({ said: sentenceOf(thing, 'what', 'text', 'title', 'name'), at: text(thing.at) ?? text(thing.time) ?? text(thing.deadline_at) }))

export type Earlier = { onset: string; report: string; days: number; gap: string }

export function knownEarlier(value: unknown): Earlier | undefined {
  const [thing] = things(value)
  const onset = text(thing?.onset)
  const report = text(thing?.report)
  if (thing === undefined || onset === undefined || report === undefined) return undefined
  const days = number(thing.days) ?? Math.round((Date.parse(report) - Date.parse(onset)) / 86_400_000)
  const gap = typeof thing.gap === 'string' ? say({ key: thing.gap }) : say(thing.gap)
  return { onset, report, days, gap }
}

export type LinkedNotice = { id: string; title: string; level: number; field: string }

export const linkedNotices = (value: unknown): LinkedNotice[] =>
  things(value).flatMap(thing => {
    const id = text(thing.id)
    return id === undefined ? [] : [{ id, title: sentenceOf(thing, 'title'), level: number(thing.level) ?? 0, field: text(thing.field) ?? '' }]
  })

export type Measure = { said: string; unit: string; dueAt?: string; id?: string }

export const measures = (value: unknown): Measure[] =>
  things(value).map(thing => ({ said: sentenceOf(thing, 'text', 'title', 'what'), unit: sentenceOf(thing, 'unit'), dueAt: text(thing.due_at), id: text(thing.id) }))
