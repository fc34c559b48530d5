// SPDX-License-Identifier: GPL-3.0-or-later
//
// places.ts: the divisions that the reader may see, by code. The tree changes rarely: asked once, kept for the day.
import { useMemo } from 'react'
import { useRows, type Row } from '../api/client'

export type Place = Row<'/divisions'>

export function usePlaces(isWanted = true): { list: Place[]; byCode: Map<string, Place> } {
  const { data } = useRows('/divisions', { limit: 500 }, isWanted)
  return useMemo(() => {
    const list = data?.rows ?? []
    return { list, byCode: new Map(list.map(place => [place.code, place])) }
  }, [data])
}

export const fictionalCity = '219900'
export const isFictional = (code: string): boolean => code.startsWith('2199')
export const cityOf = (code: string): string => code.slice(0, 4) + '00'
