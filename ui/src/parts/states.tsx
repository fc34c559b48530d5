// SPDX-License-Identifier: GPL-3.0-or-later
//
// states.tsx: what a page shows when it has nothing to show: loading, empty, forbidden, missing, offline, failed; and, over
// figures that could not be asked for again, how old they are. Each says what happened, what is safe and what to do.
import { Button } from 'antd'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useRouteError } from 'react-router-dom'
import { ApiFault } from '../api/client'
import { timeText } from '../format'
import { language, useText } from '../text'

const pictures = {
  calm: <path d="M6 44 q8 -6 16 0 t16 0 t16 0 t16 0 M12 34 L26 16 H46 L60 34" />,
  absent: <path d="M10 46 H62 M16 46 V22 H32 V46 M40 46 V30 H56 V46" strokeDasharray="4 4" />,
  locked: <path d="M22 28 V20 a14 12 0 0 1 28 0 V28 M16 28 H56 V50 H16 Z M36 36 V42" />,
  broken: <path d="M6 44 q8 -6 16 0 M50 44 q8 -6 16 0 M12 34 L26 16 H33 L30 24 L36 30 M42 34 L40 24 L46 16 L60 34" />,
}

export function State({ picture, title, children, action }: { picture: keyof typeof pictures; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="state" role="status">
      <svg viewBox="0 0 72 56" width="108" height="84" fill="none" stroke="currentColor" strokeWidth="1.800" aria-hidden="true">{pictures[picture]}</svg>
      <p className="state-title">{title}</p>
      {children !== undefined && <div className="state-text">{children}</div>}
      {action}
    </div>
  )
}

export function Loading({ lines = 6 }: { lines?: number }) {
  const say = useText()
  return (
    <div className="loading" role="status" aria-label={say('ui.loading')}>
      {Array.from({ length: lines }, (_, i) => <div key={i} className="loading-line" />)}
    </div>
  )
}

export function Refusal({ error, again }: { error: unknown; again?: () => void }) {
  const say = useText()
  const fault = error instanceof ApiFault ? error : undefined
  const button = again === undefined ? undefined : <Button onClick={again}>{say('ui.try_again')}</Button>
  if (fault?.status === 0) return <State picture="broken" title={say('ui.offline_title')} action={button}>{say('ui.offline_text')}</State>
  if (fault?.status === 403) return <State picture="locked" title={say('ui.forbidden_title')}>{fault.message !== '' ? fault.message : say('ui.forbidden_text')}</State>
  if (fault?.status === 404) return <State picture="absent" title={say('ui.missing_title')}>{fault.message !== '' ? fault.message : say('ui.missing_text')}</State>
  return <State picture="broken" title={say('ui.failed_title')} action={button}>{fault !== undefined && fault.message !== '' ? fault.message : say('ui.failed_text')}</State>
}

type Answer<T> = Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch' | 'dataUpdatedAt'>

// Draws what a query brought; before, instead of and over it the states above.
export function Await<T>({ query, children, lines, empty, isEmpty }: { query: Answer<T>; children: (data: T) => ReactNode; lines?: number; empty?: ReactNode; isEmpty?: (data: T) => boolean }) {
  const say = useText()
  const again = () => void query.refetch()
  if (query.data === undefined) return query.error !== null ? <Refusal error={query.error} again={again} /> : <Loading lines={lines} />
  return (
    <>
      {query.error !== null && (
        <p className="stale" role="status">
          {say('ui.stale', { time: timeText(new Date(query.dataUpdatedAt).toISOString(), language()) })} <Button size="small" onClick={again}>{say('ui.try_again')}</Button>
        </p>
      )}
      {empty !== undefined && isEmpty !== undefined && isEmpty(query.data) ? empty : children(query.data)}
    </>
  )
}

export function PageFault() {
  const error = useRouteError()
  return <div className="page"><Refusal error={error} again={() => window.location.reload()} /></div>
}
