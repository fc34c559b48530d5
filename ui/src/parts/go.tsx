// SPDX-License-Identifier: GPL-3.0-or-later
//
// go.tsx: a link inside levee. The moment (as_of) and the division that the reader chose go with it.
import { Link, useSearchParams, type LinkProps } from 'react-router-dom'

export function useKept(): (to: string) => string {
  const [search] = useSearchParams()
  return to => {
    const [path = '', query = ''] = to.split('?')
    const kept = new URLSearchParams(query)
    for (const name of ['as_of', 'division']) {
      const value = search.get(name)
      if (value !== null && !kept.has(name)) kept.set(name, value)
    }
    const text = kept.toString()
    return path + (text === '' ? '' : '?' + text)
  }
}

export function Go({ to, ...rest }: Omit<LinkProps, 'to'> & { to: string }) {
  const kept = useKept()
  return <Link to={kept(to)} {...rest} />
}
