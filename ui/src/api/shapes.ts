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
// An id inside JSON is a bare number; in an address both forms lead to the same thing.
export const idOf = (value: unknown): string | undefined => (typeof value === 'number' ? String(value) : text(value))
export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((part): part is string => typeof part === 'string') : [])

// One sentence or many, each written; empty ones are left out.
export function sentences(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value.flat(1) : [value]
  return list.map(say).filter(written => written !== '')
}

// A pair of fields NAME_zh, NAME_en, in the reader's language.
export const sayPair = (thing: Thing, name: string): string => say({ zh: thing[name + '_zh'], en: thing[name + '_en'] })

// What a thing says: under its name, as a pair of fields, or by being a sentence itself.
export function sentenceOf(thing: Thing, name: string): string {
  const written = say(thing[name]) || sayPair(thing, name)
  if (written !== '') return written
  return say(thing)
}

export type Act = { day: string; act: string; authority: string; source: string; kind: string }

export const acts = (value: unknown): Act[] =>
  things(value).map(thing => ({
    day: sayPair(thing, 'day'),
    act: sentenceOf(thing, 'act'),
    authority: sayPair(thing, 'authority'),
    source: sayPair(thing, 'source'),
    kind: text(thing.kind) ?? 'official',
  }))

export type RuleRecord = { rule: string; before: string; name: string; fired: number; cameTrue: number; said: string }

export const records = (value: unknown): RuleRecord[] =>
  things(value).map(thing => ({
    rule: text(thing.rule) ?? '',
    before: text(thing.before) ?? '',
    name: say(thing.label) || sayPair(thing, 'name'),
    fired: number(thing.fired) ?? 0,
    cameTrue: number(thing.came_true) ?? 0,
    said: sentences(thing.keys ?? thing.text ?? (isSentence(thing) ? thing : undefined)).join(' '),
  }))

export type Seen = { level: string; time: string }

export const seenAbove = (value: unknown): Seen[] =>
  things(value).flatMap(thing => {
    const time = text(thing.time)
    return time === undefined ? [] : [{ level: say(thing), time }]
  })

export type Clock = { said: string; at?: string }

export const clocks = (value: unknown): Clock[] => things(value).map(thing => ({ said: sentenceOf(thing, 'title'), at: text(thing.deadline_at) }))

export type Earlier = { onset: string; report: string; days: number; gap: string }

export function knownEarlier(value: unknown): Earlier | undefined {
  const [thing] = things(value)
  const onset = text(thing?.onset)
  const report = text(thing?.report)
  if (thing === undefined || onset === undefined || report === undefined) return undefined
  const days = number(thing.days) ?? Math.round((Date.parse(report) - Date.parse(onset)) / 86_400_000)
  return { onset, report, days, gap: say(thing.gap) }
}

export type LinkedNotice = { id: string; title: string; level: number; field: string; isOpen: boolean }

export const linkedNotices = (value: unknown): LinkedNotice[] =>
  things(value).flatMap(thing => {
    const id = idOf(thing.id)
    return id === undefined ? [] : [{ id, title: sentenceOf(thing, 'title'), level: number(thing.level) ?? 0, field: text(thing.field) ?? '', isOpen: thing.is_open !== false }]
  })

export type Measure = { said: string; unit: string; dueAt?: string; id?: string }

export const measures = (value: unknown): Measure[] =>
  things(value).map(thing => ({ said: sentenceOf(thing, 'title'), unit: sayPair(thing, 'unit'), dueAt: text(thing.due_at), id: idOf(thing.id) }))

// Why a value is not believed, and how that was answered.
export const doubtOf = (value: unknown): string[] => things(value).flatMap(thing => [...sentences(thing.reason), ...sentences(thing.answered)])

export type Distance = { place: string; value: number; figure: number; distance: number; period: string; isHeld: boolean }

export function distanceOf(value: unknown): Distance | undefined {
  const [thing] = things(value)
  const [at, figure, distance] = [number(thing?.value), number(thing?.figure), number(thing?.distance)]
  if (thing === undefined || at === undefined || figure === undefined || distance === undefined) return undefined
  return { place: say(thing.place), value: at, figure, distance, period: text(thing.period) ?? '', isHeld: thing.is_held === true }
}

export type Question = { id: string; title: string; state: string; deadlineAt?: string; reason: string[]; answered: string }

export const questions = (value: unknown): Question[] =>
  things(value).flatMap(thing => {
    const id = idOf(thing.id)
    return id === undefined ? [] : [{ id, title: say(thing.title), state: text(thing.state) ?? '', deadlineAt: text(thing.deadline_at), reason: sentences(thing.reason), answered: sentences(thing.answered).join(' ') }]
  })

// Why a notice is held, with why a figure of it is not believed and has not been answered yet.
export const heldOf = (notice: { held: unknown; questions: unknown }): string[] => [...sentences(notice.held), ...questions(notice.questions).filter(question => question.answered === '').flatMap(question => question.reason)]
