// node read.js READER URL: what a reader from npm makes of a feed, as JSON {"title", "entries": [[id, title, link]]}.
import { parseFeed } from 'feedsmith'
import Parser from 'rss-parser'

// feedsmith keeps the shape of each format.
const shapes = {
  rss: (feed) => [feed.title, feed.items, (item) => [item.guid.value, item.title, item.link]],
  atom: (feed) => [feed.title.value, feed.entries, (entry) => [entry.id, entry.title.value, entry.links[0].href]],
  json: (feed) => [feed.title, feed.items, (item) => [item.id, item.title, item.url]],
}

const readers = {
  'rss-parser': async (url) => {
    const feed = await new Parser().parseURL(url)
    const entries = feed.items.map((item) => [item.guid ?? item.id, item.title, item.link])
    return { title: feed.title, entries }
  },
  feedsmith: async (url) => {
    const answer = await fetch(url)
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`)
    const { format, feed } = parseFeed(await answer.text())
    const [title, entries, row] = shapes[format](feed)
    return { title, entries: (entries ?? []).map(row) }
  },
}

const [name, url] = process.argv.slice(2)
console.log(JSON.stringify(await readers[name](url)))
