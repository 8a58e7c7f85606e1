import neostandard, { plugins } from 'neostandard'

const { parser, plugin } = plugins['typescript-eslint']

export default [
  { ignores: ['node_modules/', '.tap/', '.sluice/', 'build/', 'demo-output*/', 'test/fixtures/'] },
  ...neostandard({ ts: true }),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@stylistic/max-len': ['error', { code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      // `void promise` says that nobody waits for it, which the rule on floating promises asks to be said.
      'no-void': ['error', { allowAsStatement: true }],
    },
  },
  {
    files: ['src/http/page/browser/*.js'],
    plugins: { '@typescript-eslint': plugin },
    languageOptions: {
      parser,
      parserOptions: { project: 'src/http/page/browser/tsconfig.json', tsconfigRootDir: import.meta.dirname },
      globals: {
        document: 'readonly',
        location: 'readonly',
        HTMLElement: 'readonly',
        HTMLInputElement: 'readonly',
        SVGElement: 'readonly',
        EventSource: 'readonly',
        ResizeObserver: 'readonly',
        requestAnimationFrame: 'readonly',
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      'no-void': ['error', { allowAsStatement: true }],
    },
  },
  {
    // AssemblyScript: words of eight bytes are numbers there.
    files: ['src/fast-path/assembly/*.ts'],
    rules: { '@typescript-eslint/no-loss-of-precision': 'off' },
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
