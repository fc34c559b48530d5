// SPDX-License-Identifier: GPL-3.0-or-later
//
// app.tsx: the routes. Each page is a chunk of its own and comes when it is first opened; the frame and the sign-in page
// come at once.
import { QueryClientProvider } from '@tanstack/react-query'
import { ConfigProvider, theme as antTheme } from 'antd'
import { createBrowserRouter, Navigate, RouterProvider, type RouteObject } from 'react-router-dom'
import { queryClient } from './api/client'
import { Frame } from './frame/frame'
import { PageFault } from './parts/states'
import { SignIn } from './pages/signin/signin'
import { useTheme } from './theme'

const nonce = document.querySelector<HTMLMetaElement>('meta[name=nonce]')?.content

function page(path: string, load: () => Promise<{ Page: React.ComponentType }>): RouteObject {
  return { path, lazy: async () => ({ Component: (await load()).Page }), errorElement: <PageFault /> }
}

const absent = () => import('./pages/absent/absent')

const router = createBrowserRouter([
  { path: '/signin', element: <SignIn /> },
  page('/r/:token', () => import('./pages/ring/ring')),
  {
    path: '/',
    element: <Frame />,
    errorElement: <PageFault />,
    hydrateFallbackElement: <></>,
    children: [
      page('', () => import('./pages/overview/overview')),
      page('today', () => import('./pages/today/today')),
      { path: 'judgement', element: <Navigate to="/notices" replace /> },
      page('notices', () => import('./pages/notices/notices')),
      page('notices/:id', () => import('./pages/notices/notice')),
      page('situations', () => import('./pages/situations/situations')),
      page('situations/:id', () => import('./pages/situations/situation')),
      page('series', () => import('./pages/series/series-list')),
      page('series/:id', () => import('./pages/series/series')),
      page('entries/:sequence', () => import('./pages/entries/entry')),
      page('rules/:rule', () => import('./pages/rules/rule')),
      page('behind/:what', () => import('./pages/counted/counted')),
      page('import', () => import('./pages/import/import')),
      page('plan', absent),
      page('decisions', absent),
      page('coordination', absent),
      page('responsibility', absent),
      page('administration', absent),
      page('areas/:area', absent),
      page('*', () => import('./pages/absent/missing')),
    ],
  },
])

export function App() {
  const theme = useTheme()
  return (
    <ConfigProvider
      csp={nonce === undefined ? {} : { nonce }}
      theme={{
        algorithm: theme === 'dark' ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
        token: {
          colorPrimary: theme === 'dark' ? '#4fb3a0' : '#0f5b4f',
          colorTextPlaceholder: theme === 'dark' ? '#9aa8a0' : '#5f6b64',
          colorError: theme === 'dark' ? '#f0686e' : '#b4232a',
          borderRadius: 4,
          fontSize: 14,
          fontFamily: 'inherit',
          motion: false,
        },
        components: { Button: { primaryColor: theme === 'dark' ? '#08241e' : '#ffffff', primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' } },
      }}
      button={{ autoInsertSpace: false }}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ConfigProvider>
  )
}
