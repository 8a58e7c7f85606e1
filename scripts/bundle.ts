import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import http2 from 'node:http2'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'
import { nodeProblem, oldestNode } from '../src/cli/node-version.ts'
import { pageFile, pageFileNames, type PageFileName } from '../src/http/page/files.ts'
import { version } from '../src/version.ts'
import { scriptArguments } from './arguments.ts'

const root = join(import.meta.dirname, '..')

/**
 * Asked before anything else, since what follows calls functions that an older Node does not have. (Before 16, Node
 * cannot even parse it.) 'use strict' counts at the very beginning only.
 */
const preamble = `"use strict";(function(problem){if(problem){process.stderr.write(problem);process.exit(1)}})(
(${String(nodeProblem)})(process.versions.node,process.execPath,${oldestNode}));`

/**
 * Makes one file of `src/main.ts` and all that it imports: what the image and the npm package hold. Beside it, the
 * licences of what is in it.
 *
 * White space goes, names stay: a stack in a log has to say which function it came from. Where two files use one name,
 * the second gets a number. (esbuild's `keepNames` would hide that, with a call for every function that is made: a
 * twelfth of what a start takes.)
 */
export async function bundle (outfile: string): Promise<void> {
  mkdirSync(dirname(outfile), { recursive: true })
  const { metafile } = await build({
    entryPoints: [join(root, 'src/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: `node${oldestNode}`,
    banner: { js: preamble },
    // Not ESM, which loads all of Node's own modules that anything in the file imports before it begins: a health check
    // every few seconds would pay for them.
    format: 'cjs',
    // Of ES modules only what is used gets into the file: of the AWS clients, a few commands of a hundred.
    mainFields: ['module', 'main'],
    // A module of Node's own that is imported late is asked for all that it exports, and `node:http` then loads a whole
    // second client, Undici: 35 ms of CPU. `require` does not ask.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.dirname': '__dirname' },
    legalComments: 'none',
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'warning',
    metafile: true,
    plugins: [{
      // The file has no package.json beside it.
      name: 'version',
      setup: ({ onLoad }) => {
        onLoad({ filter: /[\\/]src[\\/]version\.ts$/ }, () => ({ contents: `export const version = ${JSON.stringify(version)}` }))
      },
    }, {
      // Nor are there the files that a browser is sent: their texts are in it.
      name: 'page',
      setup: ({ onLoad }) => {
        onLoad({ filter: /[\\/]page[\\/]files\.ts$/ }, async () => {
          const texts = await Promise.all(pageFileNames.map(async name => [name, await pageText(name)] as const))
          return {
            contents: `const texts = ${JSON.stringify(Object.fromEntries(texts))}
export const pageFileNames = Object.keys(texts)
export const pageFile = name => texts[name]`
          }
        })
      },
    }, {
      // Two packages import it for what nobody here asks them for. It is a tenth of what Node's own modules take.
      name: 'http2',
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /^(node:)?http2$/ }, ({ pluginData }) => {
          return pluginData === 'itself' ? { path: 'node:http2', external: true } : { path: 'http2', namespace: 'when-used' }
        })
        onLoad({ filter: /.*/, namespace: 'when-used' }, () => ({
          contents: `const constants = new Proxy({}, { get: (_, name) => require('node:http2').constants[name] })
for (const name of ${JSON.stringify(Object.keys(http2))}) {
  const get = () => name === 'constants' ? constants : require('node:http2')[name]
  Object.defineProperty(exports, name, { enumerable: true, get })
}`,
          resolveDir: root,
          pluginData: 'itself',
        }))
      },
    }, {
      // The package's own list would bring all of a client's commands, and the shapes of all that they take and give: a
      // tenth of a start, and 5 MB for as long as the process runs.
      name: 'clients',
      setup: ({ onLoad }) => {
        onLoad({ filter: /[\\/]sinks[\\/]aws[\\/][a-z0-9]+-sdk\.ts$/ }, ({ path }) => {
          const [, names = '', client = ''] = /export \{([^}]+)\} from '([^']+)'/.exec(readFileSync(path, 'utf8')) ?? []
          const files = names.split(',').map(name => name.trim()).filter(name => name !== '')
            .map(name => `export { ${name} } from '${client}/dist-es/${name.endsWith('Command') ? 'commands/' : ''}${name}.js'`)
          return { contents: files.join('\n'), resolveDir: root }
        })
        // A key that is an expression might do something when it is asked for its text, so esbuild keeps what has one.
        onLoad({ filter: /[\\/]schemas_0\.js$/ }, ({ path }) => {
          const text = readFileSync(path, 'utf8')
          const texts = new Map(Array.from(text.matchAll(/^const (\w+) = ("[^"]*");$/gm), ([, name, value]) => [name, value]))
          return { contents: text.replace(/\[(\w+)\]: /g, (key, name: string) => texts.has(name) ? `${texts.get(name)}: ` : key) }
        })
        // For bodies that are streams of a browser: to ask whether there are any loads Node's.
        onLoad({ filter: /[\\/]ChecksumStream\.browser\.js$/ }, () => ({ contents: 'export class ChecksumStream {}' }))
      },
    }, {
      // The web server asks for them only where routes have schemas, and src/http/server.ts says that none has.
      name: 'schemas',
      setup: ({ onLoad }) => {
        onLoad({ filter: /@fastify[\\/](ajv-compiler|fast-json-stringify-compiler)[\\/]/ }, () => ({ contents: '' }))
      },
    }, {
      // Within the file, and yet evaluated when it is asked for: what `require` names, esbuild wraps in a function.
      name: 'oniguruma',
      setup: ({ onLoad }) => {
        const path = fileURLToPath(import.meta.resolve('oniguruma-to-es'))
        onLoad({ filter: /[\\/]fluent-bit[\\/]oniguruma\.ts$/ }, () => ({
          contents: `export function oniguruma () { return require(${JSON.stringify(path)}) }`, resolveDir: root,
        }))
      },
    }],
  })
  writeFileSync(`${outfile}.LICENSES.txt`, licencesOf(Object.keys(metafile.inputs)))
}

/** A file of the page without its comments and white space. */
async function pageText (name: PageFileName): Promise<string> {
  const text = pageFile(name)
  const loader = name.endsWith('.js') ? 'js' : name.endsWith('.css') ? 'css' : undefined
  if (loader === undefined) return text
  return (await transform(text, { loader, minify: true, legalComments: 'none' })).code
}

/** The licence of each package that a file of the bundle comes from. */
function licencesOf (inputs: readonly string[]): string {
  const names = inputs.flatMap(path => {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? []
    const folder = name === undefined ? undefined : path.slice(0, path.indexOf(name, path.lastIndexOf('node_modules/')) + name.length)
    return folder === undefined ? [] : [folder]
  })
  return [...new Set(names)].sort().map(folder => {
    const { name = '', version = '', license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as
      { readonly name?: string, readonly version?: string, readonly license?: unknown }
    return `${name} ${version} (${JSON.stringify(license ?? 'see its files')})\n${licenceText(folder)}\n`
  }).join('\n')
}

function licenceText (folder: string): string {
  for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'License']) {
    try {
      return readFileSync(join(folder, file), 'utf8')
    } catch {
      // Another name, or none: the package's own word for its licence stands above.
    }
  }
  return ''
}

const help = `Makes the one file that the image and the npm package hold, with the licences of
what is in it beside it.

  npm run bundle
  node scripts/bundle.ts FILE    in place of build/sluice.cjs
`

if (import.meta.main) {
  const { file: outfile = join(root, 'build/sluice.cjs') } = scriptArguments(help, {}, 'optional')
  await bundle(outfile)
  process.stdout.write(`${outfile}: ${(statSync(outfile).size / 1024 / 1024).toFixed(1)} MiB\n`)
}
