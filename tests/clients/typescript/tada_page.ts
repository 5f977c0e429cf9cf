// Documents that gql.tada types as they stand here, against a started server: tada_page.js URL TOKEN WAY
import { type FragmentOf, initGraphQLTada, readFragment } from "gql.tada";

import { ask, refusal } from "./asking.js";
import type { introspection } from "./graphql-env.js";

const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { Cursor: string; DateTime: string; EmailAddress: string };
}>();

const Person = graphql(`
  fragment Person on Lead {
    email
    emailStatus
  }
`);
const Enter = graphql(`
  mutation Enter($input: LeadCreateInput!) {
    leadCreate(input: $input) {
      lead {
        id
      }
      errors {
        __typename
        code
      }
    }
  }
`);
const Page = graphql(
  `
    query Page($where: LeadWhere) {
      leads(where: $where, first: 1, orderBy: [{ field: EMAIL, direction: DESC }]) {
        totalCount
        nodes {
          ...Person
        }
      }
    }
  `,
  [Person],
);

const Improvised = graphql(`
  query Improvised {
    workspace {
      name
    }
  }
`);

// Each hash is of the text that gql.tada prints; its check says when one is out of date.
const documents = {
  Enter: graphql.persisted("sha256:e2bc8d30a70f67ad8009c6eba1182adecd0767913568c06b49de1328d46ad1aa", Enter),
  Page: graphql.persisted("sha256:38ab9a3ba7836fb009eb4616e8778fd23bd8724e2008d7cbe28d975921bfc740", Page),
};

const address = (lead: FragmentOf<typeof Person>): string | null => readFragment(Person, lead).email;

/** Never called: what the types must not let through. */
export function mistakes() {
  // @ts-expect-error a status there isn't
  void ask(Page, { where: { status: { eq: "ASLEEP" } } });
  // @ts-expect-error an input it must have
  void ask(Enter, {});
  // @ts-expect-error what a fragment keeps to itself
  void ask(Page, {}).then(({ leads }) => leads.nodes[0]?.email);
}

for (const name of ["ada", "ben"]) await ask(documents.Enter, { input: { email: `${name}@example.com` } });
const { leads } = await ask(documents.Page, { where: { status: { eq: "NEW" }, email: { startsWith: "a" } } });
const improvised = await refusal(Improvised, {});
console.log(JSON.stringify({ count: leads.totalCount, page: leads.nodes.map(address), improvised }));
