// SPDX-License-Identifier: GPL-3.0-or-later
//
// signin.tsx: the door. It says what levee is for and what may be worked on in it, before anybody types a name.
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router-dom'
import { ApiFault, queryClient, signIn } from '../../api/client'
import { BrandMark, LanguageSwitch } from '../../frame/top'
import { useText } from '../../text'

export function SignIn() {
  const say = useText()
  const navigate = useNavigate()
  const [search] = useSearchParams()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [fault, setFault] = useState('')
  const [isBusy, setBusy] = useState(false)
  document.title = say('ui.title', { page: say('ui.sign_in') })
  const enter = async () => {
    setBusy(true)
    setFault('')
    try {
      await signIn(name.trim(), password)
      queryClient.clear()
      const back = search.get('back') ?? '/'
      navigate(back.startsWith('/') && !back.startsWith('//') ? back : '/', { replace: true })
    } catch (error) {
      const refusal = error instanceof ApiFault ? error : undefined
      setFault(refusal?.status === 0 ? say('ui.offline_text') : refusal !== undefined && refusal.message !== '' ? refusal.message : say('ui.sign_in_refused'))
      setBusy(false)
    }
  }
  return (
    <div className="signin">
      <header><LanguageSwitch /></header>
      <main>
        <h1><BrandMark /> levee <span lang="zh-CN">堤</span></h1>
        <p className="signin-about">{say('ui.about')}</p>
        <form onSubmit={event => { event.preventDefault(); void enter() }}>
          {fault !== '' && <p className="form-fault" role="alert">{fault}</p>}
          <div className="field">
            <label htmlFor="name">{say('ui.account')}</label>
            <Input id="name" size="large" autoComplete="username" autoFocus value={name} onChange={event => setName(event.target.value)} />
          </div>
          <div className="field">
            <label htmlFor="password">{say('ui.password')}</label>
            <Input id="password" size="large" type="password" autoComplete="current-password" value={password} onChange={event => setPassword(event.target.value)} />
          </div>
          <Button type="primary" size="large" htmlType="submit" block loading={isBusy} disabled={name.trim() === '' || password === ''}>{say('ui.sign_in')}</Button>
        </form>
        <p className="unclassified">{say('ui.unclassified')}</p>
        <p className="quiet">{say('ui.unclassified_more')}</p>
      </main>
    </div>
  )
}
