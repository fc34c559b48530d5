// SPDX-License-Identifier: GPL-3.0-or-later
// The catalogue as a module: see the plugin `catalogue` in vite.config.ts.
declare module 'catalogue:zh-CN' {
  const sentences: Record<string, string>
  export default sentences
}
declare module 'catalogue:en' {
  const sentences: Record<string, string>
  export default sentences
}
