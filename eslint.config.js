import neostandard from 'neostandard'

export const ignores = ['node_modules/', '.tap/', '.sluice/', 'build/', 'demo-output*/', 'test/fixtures/']

export default [
  { ignores },
  ...neostandard({ ts: true }),
  {
    files: ['**/*.ts'],
    rules: {
      '@stylistic/max-len': ['error', { code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      // `void promise` says that nobody waits for it, which eslint.promises.js asks to be said.
      'no-void': ['error', { allowAsStatement: true }],
    },
  },
  {
    // A table: what a setting is stands in one row, and what it means in the next.
    files: ['src/config/settings.ts'],
    rules: { '@stylistic/object-property-newline': 'off' },
  },
  {
    files: ['src/http/page/browser/*.js'],
    languageOptions: {
      globals: {
        document: 'readonly',
        location: 'readonly',
        HTMLElement: 'readonly',
        HTMLInputElement: 'readonly',
        HTMLLIElement: 'readonly',
        HTMLParagraphElement: 'readonly',
        SVGElement: 'readonly',
        EventSource: 'readonly',
        ResizeObserver: 'readonly',
        requestAnimationFrame: 'readonly',
      },
    },
    rules: { 'no-void': ['error', { allowAsStatement: true }] },
  },
  {
    // AssemblyScript: words of eight bytes are numbers there.
    files: ['src/fast-path/assembly/*.ts'],
    rules: { '@typescript-eslint/no-loss-of-precision': 'off' },
  },
]
