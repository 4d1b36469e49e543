import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset';
import type { CodegenConfig } from '@graphql-codegen/cli';

// Numbers of any size and precision arrive as strings. As this type, Intl.NumberFormat accepts them without rounding.
const numeric = '`${number}`';

const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: ['src/**/*.{ts,tsx}', '!src/gql/**'],
  generates: {
    'src/gql/constraints.ts': {
      plugins: [{ './constraints.plugin.js': { inputs: { CustomerInput: 'Customer' } } }],
    },
    'src/gql/': {
      preset: 'client',
      presetConfig: {
        persistedDocuments: true,
        fragmentMasking: { unmaskFunctionName: 'getFragmentData' },
      },
      // The cache reads `__typename`, and the gateway executes exactly the documents in the manifest.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      config: {
        useTypeImports: true,
        strictScalars: true,
        scalars: {
          BigInt: numeric,
          Date: 'string',
          DateTime: 'string',
          Decimal: numeric,
          Inet: 'string',
          JSON: 'unknown',
          Vector: 'number[]',
        },
      },
    },
  },
};

export default config;
