// SPDX-License-Identifier: GPL-3.0-or-later
//
// client.ts: the one way from the page to the server. Types come from openapi.d.ts, made from the program's own
// description of itself; a path or column that is not there does not compile. Reading is a query named by its path;
// writing is a command named by its name, with an id of its own so that a repeated request never acts twice.
import { keepPreviousData, QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useSearchParams } from 'react-router-dom'
import { language } from '../text'
import type { paths } from './openapi'

const root = '/api/v1'
type WithRows = { get: { responses: { 200: { content: { 'application/json': { rows: unknown[] } } } } } }
type Short<P> = P extends `/api/v1${infer R}` ? R : P
export type Path = { [P in keyof paths]: paths[P] extends WithRows ? Short<P> : never }[keyof paths]
type Long<P extends string> = `/api/v1${P}` extends keyof paths ? `/api/v1${P}` : P extends keyof paths ? P : never
type Told<P extends Path> = paths[Long<P>] extends { get: { responses: { 200: { content: { 'application/json': { rows: (infer R)[] } } } } } } ? R : never

// The description calls every column of a query nullable, because SQL does. In these columns null says something (nobody
// owns it yet, no deadline, never reported); in the others it would be the program's mistake, and is not asked about.
type MayLack =
  | 'parent' | 'situation' | 'notice' | 'series' | 'field' | 'deadline_at' | 'due_at' | 'next_clock_at' | 'next_clock' | 'seen_above_at' | 'unit_zh' | 'unit_en' | 'post' | 'post_zh' | 'post_en'
  | 'action' | 'action_target' | 'incident_grade' | 'response_level' | 'value' | 'value_then' | 'expected' | 'upper' | 'other_value' | 'known_at' | 'batch' | 'last_rise' | 'last_period' | 'last_value' | 'last_known_at'
  | 'source' | 'source_zh' | 'source_en' | 'authority_zh' | 'authority_en' | 'line' | 'judge' | 'change_period' | 'change_year' | 'new_count' | 'next_time' | 'outcome' | 'level_before' | 'quiet' | 'quiet_needed'
type Sure<R> = { [K in keyof R]: K extends MayLack ? R[K] : NonNullable<R[K]> }
export type Row<P extends Path> = Sure<Told<P>>
export type Session = paths['/api/v1/session']['get']['responses'][200]['content']['application/json']
export type Parameters = Record<string, string | number | boolean | undefined>
export type Page<P extends Path> = { rows: Row<P>[]; next: string | null; as_of: string; sequence: number }

// A refusal of the server in words, or (status 0) no answer at all.
export class ApiFault extends Error {
  constructor(readonly status: number, readonly code: string, text: string) {
    super(text)
  }
}

// When somebody last touched the page. What it asks by itself after that, because the server said that something has changed,
// is marked so and keeps no session alive: a page left open is signed out like one that was closed.
const attendedFor = 60_000
let touchedAt = Date.now()
for (const kind of ['pointerdown', 'keydown', 'wheel', 'touchstart']) window.addEventListener(kind, () => { touchedAt = Date.now() }, { passive: true, capture: true })
const unattended = (): Record<string, string> => (Date.now() - touchedAt > attendedFor ? { 'Levee-Unattended': '1' } : {})

async function send(path: string, options: RequestInit): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(root + path, { ...options, credentials: 'same-origin', headers: { 'Accept-Language': language(), ...unattended(), ...options.headers } })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiFault(0, 'offline', '')
  }
  if (answer.ok) return answer
  const body = (await answer.json().catch(() => null)) as { error?: { code?: string; text?: string } } | null
  throw new ApiFault(answer.status, body?.error?.code ?? '', body?.error?.text ?? '')
}

// The address of a query: {name} in the path is filled from the parameters, the rest follow the question mark.
export function address(path: string, parameters: Parameters): string {
  const rest = new URLSearchParams()
  let filled = path
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === '') continue
    if (filled.includes(`{${name}}`)) filled = filled.replace(`{${name}}`, encodeURIComponent(String(value)))
    else rest.set(name, String(value))
  }
  const text = rest.toString()
  return filled + (text === '' ? '' : '?' + text)
}

async function readPage<P extends Path>(path: P, parameters: Parameters, signal?: AbortSignal): Promise<Page<P>> {
  return (await (await send(address(path, parameters), { signal: signal ?? null })).json()) as Page<P>
}

// The moment that the whole page looks at: `as_of` in the address, else now.
export function useAsOf(): string | undefined {
  const [search] = useSearchParams()
  return search.get('as_of') ?? undefined
}

export function useRows<P extends Path>(path: P, parameters: Parameters = {}, isWanted = true) {
  const asOf = useAsOf()
  const all: Parameters = { as_of: asOf, ...parameters }
  return useQuery({ queryKey: [path, all], queryFn: ({ signal }) => readPage(path, all, signal), enabled: isWanted, placeholderData: keepPreviousData })
}

// A long list, page after page by the server's cursor.
export function usePages<P extends Path>(path: P, parameters: Parameters = {}) {
  const asOf = useAsOf()
  const all: Parameters = { as_of: asOf, ...parameters }
  return useInfiniteQuery({
    queryKey: [path, 'pages', all],
    queryFn: ({ signal, pageParam }) => readPage(path, { ...all, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Page<P>) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  })
}

export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: async ({ signal }) => (await (await send('/session', { signal })).json()) as Session,
    retry: (count, error) => !(error instanceof ApiFault && error.status === 401) && count < 2,
  })
}

export type Receipt = { id?: string; sequence?: number } & Record<string, unknown>

// A server that is busy (503) has taken nothing: the same command, with the same id, is sent again a little later.
export async function runCommand(name: string, body: Record<string, unknown>, id: string): Promise<Receipt> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await send(`/commands/${name}`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': id }, body: JSON.stringify(body) })
      return (await answer.json()) as Receipt
    } catch (error) {
      if (!(error instanceof ApiFault) || error.status !== 503 || attempt === 4) throw error
      await new Promise(done => window.setTimeout(done, 1000 * attempt * (0.5 + Math.random())))
    }
  }
}

// A command of the page. The id is taken once per intention and kept while the same intention is tried again.
export function useCommand(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ body, id }: { body: Record<string, unknown>; id: string }) => runCommand(name, body, id),
    onSuccess: () => client.invalidateQueries(),
  })
}

export async function signIn(name: string, password: string): Promise<void> {
  await send('/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name, password }) })
}

export async function signOut(): Promise<void> {
  await send('/session', { method: 'DELETE' })
}

// A text sent under the same key twice acts once.
export async function postText<T>(path: string, parameters: Parameters, text: string, { kind = 'text/csv; charset=utf-8', key }: { kind?: string; key?: string } = {}): Promise<T> {
  const headers = { 'Content-Type': kind, ...(key !== undefined && { 'Idempotency-Key': key }) }
  return (await (await send(address(path, parameters), { method: 'POST', headers, body: text })).json()) as T
}

export async function readJson<T>(path: string): Promise<T> {
  return (await (await send(path, {})).json()) as T
}

export function exportAddress(path: string, parameters: Parameters): string {
  return root + '/export' + address(path + '.csv', parameters)
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => error instanceof ApiFault && (error.status === 0 || error.status >= 500) && count < 2,
    },
  },
})

// "Something changed" from the server: ask again for what is shown. Bursts are taken together. A page that is left keeps
// no connection: a browser allows six a server, and kept pages would hold them all. A stream that is refused (the session has
// ended, or there are too many) is asked for again from time to time, and with it who is signed in.
export function useLiveUpdates(isWanted: boolean) {
  const client = useQueryClient()
  useEffect(() => {
    if (!isWanted) return
    let timer: number | undefined
    let again: number | undefined
    let source: EventSource | undefined
    const open = () => {
      source?.close()
      source = new EventSource(root + '/live')
      source.addEventListener('changed', () => {
        window.clearTimeout(timer)
        timer = window.setTimeout(() => void client.invalidateQueries(), 200)
      })
      source.addEventListener('error', () => {
        if (source?.readyState !== EventSource.CLOSED) return
        void client.invalidateQueries()
        window.clearTimeout(again)
        again = window.setTimeout(open, 30_000)
      })
    }
    const close = () => source?.close()
    const shown = (event: PageTransitionEvent) => {
      if (event.persisted) open()
    }
    open()
    window.addEventListener('pagehide', close)
    window.addEventListener('pageshow', shown)
    return () => {
      window.clearTimeout(timer)
      window.clearTimeout(again)
      window.removeEventListener('pagehide', close)
      window.removeEventListener('pageshow', shown)
      close()
    }
  }, [client, isWanted])
}
