// SPDX-License-Identifier: GPL-3.0-or-later
//
// division-map.tsx: the schematic map. A city is filled by its worst open situation and carries the level's shape, so that
// it reads without colour; "not connected" is left white with a dotted border. Lindi is invented: it has no shape and no
// place, and stands beside the map as eight tiles, hatched, with the word. Every area is a button for the keyboard.
import { useQuery } from '@tanstack/react-query'
import type { KeyboardEvent } from 'react'
import cities from '../made/cities.json'
import { useText } from '../text'
import { LevelMark, LevelShape, hatch, levelName, levelOf } from './level'
import { fictionalCity, isFictional } from './places'

type Drawn = { box: number[]; shapes: { code: string; path: string; x: number; y: number }[] }
export type Area = { name: string; level: number; origin: string | null; isConnected: boolean }
type Props = { areas: Map<string, Area>; name: (code: string) => string; chosen: string | undefined; city?: string | undefined; onChoose: (code: string) => void; tiles: string[] }

// A label needs no word for what kind of division it is.
const short = (name: string) => name.replace(/(市|县|区|满族自治县|蒙古族自治县)$/, '').replace(/ (City|County|District)$/, '')

const press = (act: () => void) => (event: KeyboardEvent) => {
  if (event.key !== 'Enter' && event.key !== ' ') return
  event.preventDefault()
  act()
}

export function DivisionMap({ areas, name, chosen, city, onChoose, tiles }: Props) {
  const say = useText()
  const { data: counties } = useQuery({ queryKey: ['shapes', 'counties'], queryFn: async () => (await import('../made/counties.json')).default as unknown as Record<string, Drawn>, enabled: city !== undefined && !isFictional(city), staleTime: Infinity })
  const drawn: Drawn = city !== undefined ? (counties?.[city] ?? { box: [420, 300], shapes: [] }) : cities
  const words = (code: string) => {
    const area = areas.get(code)
    if (area === undefined && isFictional(code)) return say('ui.area_level', { name: name(code), level: say('ui.notice_none') })
    if (area === undefined || !area.isConnected) return say('ui.area_not_connected', { name: name(code) })
    return say('ui.area_level', { name: name(code), level: say(`ui.notice_${levelName[levelOf(area.level)]}`) })
  }
  return (
    <div className="map">
      <figure>
        {(city === undefined || !isFictional(city)) && (
          <svg viewBox={`-4 -4 ${(drawn.box[0] ?? 0) + 8} ${(drawn.box[1] ?? 0) + 8}`} role="group" aria-label={say('ui.map_of', { name: city === undefined ? say('ui.province') : name(city) })}>
            {drawn.shapes.map(shape => {
              const area = areas.get(shape.code)
              const kind = area === undefined || !area.isConnected ? 'is-absent' : `is-${levelName[levelOf(area.level)]}`
              return (
                <path key={shape.code} d={shape.path} className={`area ${kind}${chosen === shape.code ? ' is-chosen' : ''}`} role="button" tabIndex={0} aria-pressed={chosen === shape.code} aria-label={words(shape.code)} onClick={() => onChoose(shape.code)} onKeyDown={press(() => onChoose(shape.code))}>
                  <title>{words(shape.code)}</title>
                </path>
              )
            })}
            {drawn.shapes.map(shape => {
              const level = areas.get(shape.code)?.isConnected === true ? levelOf(areas.get(shape.code)?.level) : 0
              const size = (drawn.box[0] ?? 400) / 24
              return (
                <g key={shape.code} className="area-label" aria-hidden="true">
                  {level > 0 && <LevelMark level={level} x={shape.x} y={shape.y - size * 0.4} size={size} />}
                  <text x={shape.x} y={shape.y + (level > 0 ? size * 0.9 : 4)}>{short(name(shape.code))}</text>
                </g>
              )
            })}
          </svg>
        )}
        <figcaption>{say('ui.map_schematic')}</figcaption>
      </figure>
      {tiles.length > 0 && (city === undefined || city === fictionalCity) && (
        <div className="inset" role="group" aria-label={say('ui.lindi_fictional')}>
          <p className="inset-title">{say('ui.lindi_fictional')}</p>
          <div className="tiles">
            {tiles.map(code => {
              const area = areas.get(code)
              const level = levelOf(area?.level)
              return (
                <button key={code} type="button" className={`tile is-${levelName[level]}${hatch('simulated')}${chosen === code ? ' is-chosen' : ''}`} aria-pressed={chosen === code} title={words(code)} aria-label={words(code)} onClick={() => onChoose(code)}>
                  <span className="tile-label">{level > 0 && <LevelShape level={level} size={11} />}{short(name(code))}</span>
                </button>
              )
            })}
          </div>
        </div>
      )}
    </div>
  )
}
