import js from '@eslint/js';
import importX from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Which rooms a room may import from, beside itself. Everything else below src/ is closed to it. */
const rooms = {
  engine: [],
  text: [],
  traces: [],
  world: ['retrieval/retriever.ts'],
  retrieval: ['text'],
  policy: ['engine', 'text'],
  research: ['policy', 'retrieval', 'traces', 'world', 'text'],
  grpo: ['engine', 'traces'],
  lab: ['engine', 'text', 'traces', 'world', 'retrieval', 'policy', 'research', 'grpo'],
  app: [
    'lab',
    'traces',
    'world',
    'retrieval/retriever.ts',
    'research',
    'grpo',
    'engine/backend.ts',
    'policy/webllmFolder.ts',
    'policy/webllmList.ts',
    'policy/webllmRecord.ts',
  ],
  cli: ['lab', 'engine', 'text', 'traces', 'world', 'retrieval', 'policy', 'research', 'grpo'],
};

const roomZones = Object.entries(rooms).map(([room, open]) => ({
  target: `./src/${room}`,
  from: './src',
  except: [room, ...open].map((name) => `./${name}`),
  message: `src/${room} may import from: ${[room, ...open].join(', ')}.`,
}));

/** Features of the app do not import each other. */
const features = [
  'play',
  'train',
  'update',
  'rollouts',
  'behaviours',
  'evaluate',
  'corpus',
  'learn',
  'models',
];
const featureZones = features.map((feature) => ({
  target: `./src/app/${feature}`,
  from: './src/app',
  except: ['components', 'theme', 'store', 'actions', 'worker', 'recipe', 'routing', feature].map(
    (n) => `./${n}`,
  ),
  message: 'Features share code through components, store and actions.',
}));

export default tseslint.config(
  {
    ignores: [
      'dist',
      'coverage',
      'node_modules',
      'src/engine/wasm/generated',
      'src/engine/wasm/assembly',
      'runs',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        importX.createNodeResolver({ extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'] }),
      ],
      'import-x/external-module-folders': ['node_modules'],
      'import-x/ignore': ['node_modules'],
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'import-x/no-restricted-paths': ['error', { zones: [...roomZones, ...featureZones] }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['src/app/**/*.tsx', 'src/app/**/*.ts'],
    plugins: { 'react-hooks': reactHooks },
    rules: reactHooks.configs.recommended.rules,
  },
  {
    files: ['**/*.mjs', '*.js', 'public/**/*.js'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: { ...globals.node, ...globals.browser },
    },
  },
);
