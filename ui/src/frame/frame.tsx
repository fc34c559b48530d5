// SPDX-License-Identifier: GPL-3.0-or-later
//
// frame.tsx: what stands around every page: menu, top, the marker of a replay or a drill, the moment one looks at. It asks
// who is signed in; without a session it leads to the sign-in page and back.
import { Suspense, useState } from 'react'
import { Navigate, Outlet, useLocation } from 'react-router-dom'
import { ApiFault, useLiveUpdates, useSession } from '../api/client'
import { useKeptFocus } from '../parts/focus'
import { Loading, Refusal } from '../parts/states'
import { useText } from '../text'
import { Bands } from './bands'
import { Help } from './help'
import { BottomBar, Menu } from './menu'
import { Top } from './top'

export function Frame() {
  const say = useText()
  const session = useSession()
  const location = useLocation()
  const [isMenuOpen, setMenuOpen] = useState(false)
  useLiveUpdates(session.data !== undefined)
  useKeptFocus()
  if (session.error instanceof ApiFault && session.error.status === 401) {
    return <Navigate to={`/signin?back=${encodeURIComponent(location.pathname + location.search)}`} replace />
  }
  if (session.data === undefined) {
    return <div className="page">{session.error !== null ? <Refusal error={session.error} again={() => void session.refetch()} /> : <Loading />}</div>
  }
  const close = () => setMenuOpen(false)
  return (
    <div className={`frame is-${session.data.store.kind}`}>
      <a className="skip" href="#content">{say('ui.skip')}</a>
      <Top session={session.data} onMenu={() => setMenuOpen(!isMenuOpen)} />
      <Menu isOpen={isMenuOpen} onGo={close} />
      <div className="column">
        <Bands session={session.data} />
        <main id="content" tabIndex={-1}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </main>
        <footer className="foot">{say('ui.unclassified')}</footer>
      </div>
      <Help />
      <BottomBar onMenu={() => setMenuOpen(!isMenuOpen)} onGo={close} />
    </div>
  )
}
