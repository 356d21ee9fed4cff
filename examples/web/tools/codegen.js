// Writes the types of the app's operations, and the manifest of its trusted documents, into `src/graphql/generated`.
import { addTypenameSelectionDocumentTransform } from "@graphql-codegen/client-preset";

export default {
  schema: "../../../schema/schema.graphql",
  documents: ["../src/**/*.ts", "../src/**/*.tsx", "!../src/graphql/generated/**"],
  generates: {
    "../src/graphql/generated/": {
      preset: "client",
      documentTransforms: [addTypenameSelectionDocumentTransform],
      presetConfig: {
        fragmentMasking: { unmaskFunctionName: "readFragment" },
        persistedDocuments: { mode: "embedHashInDocument", hashPropertyName: "hash", hashAlgorithm: "sha256" },
      },
      config: {
        enumsAsTypes: true,
        onlyOperationTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: { DateTime: "string", Date: "string", Upload: "File" },
      },
    },
  },
};
