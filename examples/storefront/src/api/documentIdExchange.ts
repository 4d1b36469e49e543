import { type DocumentInput, makeOperation, mapExchange } from 'urql';

/** What GraphQL Code Generator adds to a document: its id in the manifest. */
type Generated = DocumentInput & { __meta__: { hash: string } };

/** Sends the id of a document instead of its text. urql sends `documentId` for a document without definitions. */
export const documentIdExchange = mapExchange({
  onOperation(operation) {
    const { __meta__ } = operation.query as unknown as Generated;
    const query = { ...operation.query, definitions: [], documentId: __meta__.hash };
    return makeOperation(operation.kind, { ...operation, query }, operation.context);
  },
});
