// SPDX-License-Identifier: GPL-3.0-or-later
//
// text.ts: which language is spoken, and how a sentence of the server is written. The sentences stand in text/*.text.
// An answer of the server holds sentences as {"key", "arguments"}; an argument may be a sentence again, a pair of names
// {"zh", "en"}, a number, a time, a day or a text. Anything else is left out rather than shown raw.
import i18next from 'i18next'
import { useTranslation, initReactI18next } from 'react-i18next'
import { dayText, monthText, numberText, timeText } from './format'

export type Language = 'zh-CN' | 'en'

const year = 365 * 24 * 3600

export function cookie(name: string): string | undefined {
  return document.cookie.split('; ').find(part => part.startsWith(name + '='))?.slice(name.length + 1)
}

export function keepCookie(name: string, value: string) {
  document.cookie = `${name}=${value}; Path=/; Max-Age=${year}; SameSite=Strict`
}

function firstLanguage(): Language {
  const kept = cookie('levee_language')
  if (kept === 'zh-CN' || kept === 'en') return kept
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}

export function language(): Language {
  return i18next.language === 'en' ? 'en' : 'zh-CN'
}

const load = (wanted: Language): Promise<{ default: Record<string, string> }> => (wanted === 'en' ? import('catalogue:en') : import('catalogue:zh-CN'))

export async function startText(): Promise<void> {
  const first = firstLanguage()
  const catalogue = await load(first)
  await i18next.use(initReactI18next).init({
    lng: first,
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    pluralSeparator: '#',
    contextSeparator: '#',
    interpolation: { escapeValue: false },
    resources: { [first]: { translation: catalogue.default } },
  })
  document.documentElement.lang = first
}

export async function changeLanguage(wanted: Language): Promise<void> {
  if (!i18next.hasResourceBundle(wanted, 'translation')) i18next.addResourceBundle(wanted, 'translation', (await load(wanted)).default)
  await i18next.changeLanguage(wanted)
  keepCookie('levee_language', wanted)
  document.documentElement.lang = wanted
}

type Named = { zh: string; en: string }
export type Sentence = { key: string; arguments?: Record<string, unknown> }

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isNamed = (value: unknown): value is Named => isObject(value) && typeof value.zh === 'string' && typeof value.en === 'string'
export const isSentence = (value: unknown): value is Sentence => isObject(value) && typeof value.key === 'string'

// Written for the reader: '' when the value is nothing that can be said.
export function say(value: unknown): string {
  if (typeof value === 'string') {
    if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return dayText(value, language())
    if (/^\d{4}-\d{2}$/.test(value)) return monthText(value, language())
    if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(value)) return timeText(value, language())
    return value
  }
  if (typeof value === 'number') return numberText(value, language())
  if (Array.isArray(value)) return value.map(say).filter(part => part !== '').join(language() === 'en' ? ', ' : '、')
  if (isNamed(value)) return say(language() === 'en' ? value.en : value.zh)
  if (isSentence(value)) {
    const written: Record<string, string> = {}
    for (const [name, argument] of Object.entries(value.arguments ?? {})) written[name] = say(argument)
    return i18next.t(value.key, written)
  }
  return ''
}

// The name of a row in the reader's language: column pairs NAME_zh and NAME_en.
export function nameOf(row: unknown, name: string): string {
  if (!isObject(row)) return ''
  const [first, second] = language() === 'en' ? [row[name + '_en'], row[name + '_zh']] : [row[name + '_zh'], row[name + '_en']]
  return typeof first === 'string' && first !== '' ? first : typeof second === 'string' ? second : ''
}

export type Say = (key: string, values?: Record<string, string | number>) => string

// The page's own sentences; it also makes the component follow a change of language.
export function useText(): Say {
  const { t } = useTranslation()
  return (key, values) => t(key, values ?? {})
}
