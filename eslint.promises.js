import { plugins } from 'neostandard'
import { ignores } from './eslint.config.js'

const { parser, plugin } = plugins['typescript-eslint']
const tsconfigRootDir = import.meta.dirname

// The rules that ask the compiler for types: they take as long as all others together, so CI runs them, not `npm test`.
export default [
  { ignores: [...ignores, 'src/fast-path/assembly/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'off' } },
  {
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': plugin },
    languageOptions: { parser, parserOptions: { project: true, tsconfigRootDir } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: ['src/http/page/browser/*.js'],
    plugins: { '@typescript-eslint': plugin },
    languageOptions: { parser, parserOptions: { project: 'src/http/page/browser/tsconfig.json', tsconfigRootDir } },
    rules: { '@typescript-eslint/no-floating-promises': 'error' },
  },
  {
    // tap itself waits for the subtests it was given; every other promise of a test is still checked.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', {
        allowForKnownSafePromises: [{ from: 'package', package: '@tapjs/core', name: 'PromiseWithSubtest' }],
      }],
    },
  },
]
