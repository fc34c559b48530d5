// SPDX-License-Identifier: GPL-3.0-or-later
//
// level.tsx: the marks. levee's own level is a notice: a shape, a word and a colour, never colour alone. Two other scales
// use the same numerals in public language and must not be taken for it: the incident grade (a square of double lines) and
// the response level (a flag). The act of an authority is a stamp of its own beside them.
import { useText } from '../text'

export const levelName = ['none', 'blue', 'yellow', 'orange', 'red'] as const
const shapes = [
  <circle key="0" cx="8" cy="8" r="5" fill="none" strokeWidth="2" />,
  <circle key="1" cx="8" cy="8" r="7" />,
  <path key="2" d="M8 .500 L15.500 8 L8 15.500 L.500 8 Z" />,
  <path key="3" d="M8 .800 L15.600 14.800 L.400 14.800 Z" />,
  <path key="4" d="M4.900 .500 L11.100 .500 L15.500 4.900 L15.500 11.100 L11.100 15.500 L4.900 15.500 L.500 11.100 L.500 4.900 Z" />,
]

export const levelOf = (level: number | null | undefined): number => Math.min(4, Math.max(0, Math.round(level ?? 0)))

export function LevelShape({ level, size = 14 }: { level: number; size?: number }) {
  const at = levelOf(level)
  return (
    <svg className={`shape level-${levelName[at]}`} viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      {shapes[at]}
    </svg>
  )
}

// The same shape inside another drawing, its middle at (x, y).
export function LevelMark({ level, x, y, size }: { level: number; x: number; y: number; size: number }) {
  const at = levelOf(level)
  return (
    <g className={`shape mark level-${levelName[at]}`} transform={`translate(${x - size / 2} ${y - size / 2}) scale(${size / 16})`}>
      {shapes[at]}
    </g>
  )
}

const words = ['ui.level_none', 'ui.level_blue', 'ui.level_yellow', 'ui.level_orange', 'ui.level_red'] as const
const notices = ['ui.notice_none', 'ui.notice_blue', 'ui.notice_yellow', 'ui.notice_orange', 'ui.notice_red'] as const

export function Level({ level, isNotice = false, size }: { level: number | null | undefined; isNotice?: boolean; size?: number }) {
  const say = useText()
  const at = levelOf(level)
  return (
    <span className={`level level-${levelName[at]}`}>
      <LevelShape level={at} size={size ?? 14} />
      <span>{say(isNotice ? notices[at]! : words[at]!)}</span>
    </span>
  )
}

const grades: Record<string, 'ui.grade_1' | 'ui.grade_2' | 'ui.grade_3' | 'ui.grade_4'> = { I: 'ui.grade_1', II: 'ui.grade_2', III: 'ui.grade_3', IV: 'ui.grade_4' }

// Both scales are counted from I (gravest) to IV and come as the numeral.
export function Grade({ grade }: { grade: string | null | undefined }) {
  const say = useText()
  const key = grades[grade ?? '']
  if (key === undefined) return <span className="quiet">{say('ui.grade_none')}</span>
  return (
    <span className="grade">
      <span className="grade-numeral">{grade}</span>
      <span>{say(key)}</span>
    </span>
  )
}

export function Response({ level }: { level: string | null | undefined }) {
  const say = useText()
  if (level === null || level === undefined || grades[level] === undefined) return <span className="quiet">{say('ui.response_none')}</span>
  return (
    <span className="response">
      <span className="response-flag">{level}</span>
      <span>{say('ui.response_level', { numeral: level })}</span>
    </span>
  )
}

export function Stamp() {
  const say = useText()
  return <span className="stamp">{say('ui.official_act')}</span>
}

export const isSimulated = (origin: string | null | undefined): boolean => origin === 'simulated'

// The word beside the hatching: an invented figure is never known by its pattern alone.
export function Origin({ origin }: { origin: string | null | undefined }) {
  const say = useText()
  return isSimulated(origin) ? <span className="origin">{say('ui.simulated')}</span> : null
}

export const hatch = (origin: string | null | undefined): string => (isSimulated(origin) ? ' is-simulated' : '')
