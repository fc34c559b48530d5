// SPDX-License-Identifier: GPL-3.0-or-later
//
// places.ts: the divisions that the reader may see, by code: down to the counties, and the one that is chosen in the address
// where that lies below them. The tree changes rarely: asked once, kept for the day.
import { useMemo } from 'react'
import { useSearchParams } from 'react-router-dom'
import { useRows, type Row } from '../api/client'

export type Place = Row<'/divisions'>

export function usePlaces(isWanted = true): { list: Place[]; byCode: Map<string, Place> } {
  const [search] = useSearchParams()
  const chosen = search.get('division') ?? ''
  const { data } = useRows('/divisions', { limit: 5000 }, isWanted)
  const isBelow = data !== undefined && chosen !== '' && !data.rows.some(place => place.code === chosen)
  const below = useRows('/divisions', { code: chosen }, isWanted && isBelow)
  const extra = isBelow ? below.data : undefined
  return useMemo(() => {
    const list = [...(data?.rows ?? []), ...(extra?.rows ?? [])]
    return { list, byCode: new Map(list.map(place => [place.code, place])) }
  }, [data, extra])
}

// What lies below a place, asked when it is wanted: a province has thousands of townships.
export function useBelow(place: Place | undefined, isWanted: boolean): Place[] | undefined {
  const { data, isPlaceholderData } = useRows('/divisions', { parent: place?.id, limit: 5000 }, isWanted && place !== undefined && place.has_children)
  if (place !== undefined && !place.has_children) return []
  return isPlaceholderData ? undefined : data?.rows
}

export const fictionalCity = '219900'
export const isFictional = (code: string): boolean => code.startsWith('2199')
export const cityOf = (code: string): string => code.slice(0, 4) + '00'
