// SPDX-License-Identifier: GPL-3.0-or-later
//
// format.ts: days, times, durations and numbers as people here write them. Times are those of Asia/Shanghai, wherever
// the reader's machine stands: the office's clock counts. Days carry their weekday (2020-07-22 周三). Chinese
// numbers go in 万 and 亿, English ones in thousands.
type Language = 'zh-CN' | 'en'
const weekdays = { 'zh-CN': ['周日', '周一', '周二', '周三', '周四', '周五', '周六'], en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] }
const shanghai = 8 * 3600 * 1000

function parts(time: string | number): { day: string; clock: string } {
  const moment = new Date(new Date(time).getTime() + shanghai).toISOString()
  return { day: moment.slice(0, 10), clock: moment.slice(11, 16) }
}

export const dayOf = (time: string | number): string => parts(time).day
export const clockOf = (time: string | number): string => parts(time).clock

// 2020-07-22 周三
export function dayText(day: string, language: Language): string {
  const date = new Date(day + 'T00:00:00Z')
  return Number.isNaN(date.getTime()) ? day : `${day} ${weekdays[language][date.getUTCDay()]}`
}

// 4月2日 / 2 April: where the year is clear.
export function dateText(day: string, language: Language): string {
  const date = new Date(day + 'T00:00:00Z')
  if (Number.isNaN(date.getTime())) return day
  return language === 'zh-CN' ? `${date.getUTCMonth() + 1}月${date.getUTCDate()}日` : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' })
}

// 7月22日 周三 / 22 Jul Wed: for axes and lines whose year is clear from what stands around them.
export function shortDayText(day: string, language: Language): string {
  const date = new Date(day.slice(0, 10) + 'T00:00:00Z')
  if (Number.isNaN(date.getTime())) return day
  const weekday = weekdays[language][date.getUTCDay()]
  if (language === 'zh-CN') return `${date.getUTCMonth() + 1}月${date.getUTCDate()}日 ${weekday}`
  return `${weekday} ${date.getUTCDate()} ${date.toLocaleString('en-GB', { month: 'short', timeZone: 'UTC' })}`
}

// 2020-07-22 周三 07:02
export function timeText(time: string, language: Language): string {
  if (Number.isNaN(new Date(time).getTime())) return time
  const { day, clock } = parts(time)
  return `${dayText(day, language)} ${clock}`
}

// 2020年6月 / June 2020
export function monthText(month: string, language: Language): string {
  const date = new Date(month + '-01T00:00:00Z')
  if (Number.isNaN(date.getTime())) return month
  if (language === 'zh-CN') return `${date.getUTCFullYear()}年${date.getUTCMonth() + 1}月`
  return `${date.toLocaleString('en-GB', { month: 'long', timeZone: 'UTC' })} ${date.getUTCFullYear()}`
}

// A period as its kind is written: a day gets its weekday, a month its name; a week, quarter or year stays.
export function periodText(period: string, language: Language): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(period)) return dayText(period, language)
  return /^\d{4}-\d{2}$/.test(period) ? monthText(period, language) : period
}

const trim = (value: number, decimals: number): string => value.toFixed(decimals).replace(/\.?0+$/, '')

export function numberText(value: number, language: Language): string {
  const size = Math.abs(value)
  if (language === 'zh-CN' && size >= 1e8) return trim(value / 1e8, 2) + ' 亿'
  if (language === 'zh-CN' && size >= 1e4) return trim(value / 1e4, 2) + ' 万'
  const decimals = Number.isInteger(value) ? 0 : size < 1 ? 3 : size < 100 ? 2 : 1
  return value.toLocaleString('en-US', { maximumFractionDigits: decimals })
}

export type Span = { key: 'day' | 'hour' | 'minute'; count: number }

// A duration in the largest unit that says enough: 3 days, 5 hours, 20 minutes.
export function spanOf(milliseconds: number): Span {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000)
  if (minutes < 90) return { key: 'minute', count: minutes }
  if (minutes < 48 * 60) return { key: 'hour', count: Math.round(minutes / 60) }
  return { key: 'day', count: Math.round(minutes / 1440) }
}

export function bytesText(count: number): string {
  return count < 1024 ? `${count} B` : count < 1024 * 1024 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 1024 / 1024).toFixed(1)} MiB`
}

// A number as people and spreadsheets write it: 1,234 or 12.5; a full-width digit is a digit.
export function readFigure(typed: string): number | undefined {
  const plain = typed.normalize('NFKC').trim().replace(/[, ](?=\d{3}(\D|$))/g, '')
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : undefined
}
