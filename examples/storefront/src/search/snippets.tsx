import { type FragmentType, getFragmentData, graphql } from '../gql';

const SnippetsFragment = graphql(`
  fragment Snippets on SearchHighlight {
    field
    snippet
  }
`);

export type Highlights = readonly FragmentType<typeof SnippetsFragment>[];

/** Values that a row shows, by field. */
type Values = Record<string, string | null>;

interface MarkedProps {
  highlights: Highlights;
  field: string;
  value: string | null;
}

/** The value of a field, with the words of the search marked. */
export function Marked({ highlights, field, value }: MarkedProps) {
  const highlight = getFragmentData(SnippetsFragment, highlights).find((candidate) => candidate.field === field);
  // Of a long field, the snippet has only parts.
  if (!highlight || textOf(highlight.snippet) !== value) return value;
  return <Snippet html={highlight.snippet} />;
}

/** Where else words of the search occur: the snippets of fields whose values the row does not show. */
export function OtherSnippets({ highlights, shown }: { highlights: Highlights; shown: Values }) {
  return getFragmentData(SnippetsFragment, highlights)
    .filter(({ field, snippet }) => shown[field] !== textOf(snippet))
    .map(({ field, snippet }) => (
      <p key={field} className="snippet">
        <Snippet html={snippet} />
      </p>
    ));
}

/**
 * A snippet is HTML: its text is escaped, and the words stand in `<mark>`. It is read as just that, into texts and
 * `mark` elements of React. So nothing else can become an element, whatever the snippet contains.
 */
function Snippet({ html }: { html: string }) {
  const parts = html.split(/<mark>(.*?)<\/mark>/s);
  return parts.map((part, index) => (index % 2 === 1 ? <mark key={index}>{unescape(part)}</mark> : unescape(part)));
}

function textOf(html: string): string {
  return unescape(html.replaceAll(/<\/?mark>/g, ''));
}

const CHARACTERS: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

function unescape(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => CHARACTERS[entity] ?? entity);
}
