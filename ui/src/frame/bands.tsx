// SPDX-License-Identifier: GPL-3.0-or-later
//
// bands.tsx: the strips over a page. REPLAY or DRILL with the store's own time and, in a replay, the next morning (button
// and key N); and the warning that one looks at a past view.
import { Button } from 'antd'
import { useSearchParams } from 'react-router-dom'
import { ApiFault, useAsOf, useCommand, useRows, type Session } from '../api/client'
import { timeText } from '../format'
import { useKey } from '../parts/keys'
import { language, useText } from '../text'

function ReplayBand({ session }: { session: Session }) {
  const say = useText()
  const next = useCommand('replay.next')
  const [search, setSearch] = useSearchParams()
  const replay = useRows('/replay')
  const morning = replay.data?.rows[0]
  const isReady = morning === undefined || morning.is_ready
  const mayGoOn = session.role !== 'viewer' && morning?.is_last !== true
  const goOn = () => {
    if (next.isPending || !isReady) return
    if (search.has('as_of')) {
      search.delete('as_of')
      setSearch(search, { replace: true })
    }
    next.mutate({ body: {}, id: crypto.randomUUID() })
  }
  useKey('n', goOn, mayGoOn)
  const fault = next.error instanceof ApiFault ? next.error : undefined
  return (
    <div className="band band-replay" role="region" aria-label={say('ui.replay')} aria-busy={next.isPending || !isReady}>
      <strong className="band-word">{say('ui.replay')}</strong>
      <time dateTime={session.store.time}>{timeText(session.store.time, language())}</time>
      <span className="band-text">{fault !== undefined && fault.message !== '' ? fault.message : isReady ? say('ui.replay_text') : say('ui.replay_landing')}</span>
      {mayGoOn && (
        <Button size="small" className="band-button" loading={next.isPending || !isReady} onClick={goOn}>
          {say('ui.next_morning')} <kbd>N</kbd>
        </Button>
      )}
    </div>
  )
}

export function Bands({ session }: { session: Session }) {
  const say = useText()
  const asOf = useAsOf()
  const [search, setSearch] = useSearchParams()
  const back = () => {
    search.delete('as_of')
    setSearch(search)
  }
  return (
    <>
      {session.store.kind === 'replay' && <ReplayBand session={session} />}
      {session.store.kind === 'drill' && (
        <div className="band band-drill" role="region" aria-label={say('ui.drill')}>
          <strong className="band-word">{say('ui.drill')}</strong>
          <time dateTime={session.store.time}>{timeText(session.store.time, language())}</time>
          <span className="band-text">{say('ui.drill_text')}</span>
        </div>
      )}
      {asOf !== undefined && (
        <div className="band band-past" role="status">
          <strong className="band-word">{say('ui.past_view')}</strong>
          <span className="band-text">{say('ui.past_text', { time: timeText(asOf, language()) })}</span>
          <Button size="small" className="band-button" onClick={back}>{say('ui.past_back')}</Button>
        </div>
      )}
    </>
  )
}
