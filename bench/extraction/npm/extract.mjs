// Reads one JSON object a line from standard input, {html, url}, and answers each with a line: what an extractor says of the page.
import readline from 'node:readline'

import { Readability } from '@mozilla/readability'
import { Defuddle } from 'defuddle/node'
import { JSDOM, VirtualConsole } from 'jsdom'

const silent = new VirtualConsole()
console.log = console.warn = console.info = console.debug = console.error = () => {} // standard output is for answers

// The DOM of each is the one that its own documentation has: jsdom, and for Defuddle linkedom, which it makes itself of a string.
const extractors = {
  async readability (html, url) {
    const { window } = new JSDOM(html, { url, virtualConsole: silent })
    const said = new Readability(window.document).parse()
    window.close()
    return said && {
      html: said.content,
      title: said.title,
      authors: said.byline ? [said.byline] : [],
      published: said.publishedTime
    }
  },
  async defuddle (html, url) {
    const said = await Defuddle(html, url, { useAsync: false }) // else it would ask the network
    return {
      html: said.content,
      title: said.title,
      authors: said.author ? [said.author] : [],
      published: said.published,
      image: said.image
    }
  }
}

const extract = extractors[process.argv[2]]
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { html, url } = JSON.parse(line)
  let answer
  try {
    const began = process.cpuUsage()
    const said = await extract(html, url || 'https://site.example/article')
    const took = process.cpuUsage(began)
    answer = { ms: (took.user + took.system) / 1000, said }
  } catch (error) {
    answer = { failure: `${error.name}: ${error.message}` }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
