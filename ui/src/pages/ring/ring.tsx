// SPDX-License-Identifier: GPL-3.0-or-later
//
// ring.tsx: the page behind the link of a ringing message. It needs no session: the token in the address is the right to
// say "I have it", and shows no more than what rings, why, and until when. One button, in reach of the thumb.
import { Button } from 'antd'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router-dom'
import { ApiFault, postText, readJson } from '../../api/client'
import { sentences } from '../../api/shapes'
import { timeText } from '../../format'
import { LanguageSwitch } from '../../frame/top'
import { Await } from '../../parts/states'
import { language, say as write, useText } from '../../text'

export function Page() {
  const say = useText()
  const { token = '' } = useParams()
  const ring = useQuery({ queryKey: ['ring', token], queryFn: () => readJson<Record<string, unknown>>(`/rings/${encodeURIComponent(token)}`) })
  const answer = useMutation({ mutationFn: () => postText(`/rings/${encodeURIComponent(token)}`, {}, '{}', { kind: 'application/json' }), onSuccess: () => ring.refetch() })
  document.title = say('ui.title', { page: say('ui.ring_title') })
  const fault = answer.error instanceof ApiFault ? answer.error : undefined
  return (
    <div className="signin">
      <header><LanguageSwitch /></header>
      <main>
        <h1>{say('ui.ring_title')}</h1>
        <Await query={ring}>
          {data => (
            <>
              <p className="signin-about"><strong>{write(data.title)}</strong></p>
              {sentences(data.why).map(line => <p key={line}>{line}</p>)}
              {typeof data.due_at === 'string' && <p>{say('ui.deadline')}: {timeText(data.due_at, language())}</p>}
              {fault !== undefined && <p className="form-fault" role="alert">{fault.message !== '' ? fault.message : say('ui.act_unsent')}</p>}
              {data.is_waiting === false
                ? <p role="status"><strong>{say(typeof data.acknowledged_at === 'string' ? 'ui.ring_done' : 'ui.ring_over')}</strong> <Link to="/signin">{say('ui.sign_in')}</Link></p>
                : <><Button type="primary" size="large" block loading={answer.isPending} onClick={() => answer.mutate()}>{say('ui.ring_acknowledge')}</Button><p className="quiet">{say('ui.ring_about')}</p></>}
            </>
          )}
        </Await>
        <p className="unclassified">{say('ui.unclassified')}</p>
      </main>
    </div>
  )
}
