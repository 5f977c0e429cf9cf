// What relay-compiler reads. It wants each name to begin with this file's.
import { graphql } from "relay-runtime";

graphql`
  fragment journey_leads on Query
  @refetchable(queryName: "journeyPageQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "Cursor" }) {
    leads(first: $first, after: $after, orderBy: [{ field: EMAIL }]) @connection(key: "journey_leads") {
      __id
      edges {
        node {
          id
          email
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
`;

graphql`
  fragment journey_lead on Lead @refetchable(queryName: "journeyLeadQuery") {
    __typename
    email
    title
    version
  }
`;

graphql`
  query journeyLeadsQuery($after: Cursor) {
    ...journey_leads @arguments(after: $after)
  }
`;

graphql`
  mutation journeyCreateMutation($input: LeadCreateInput!, $connections: [ID!]!) {
    leadCreate(input: $input) {
      lead @appendNode(connections: $connections, edgeTypeName: "LeadEdge") {
        id
        email
        version
      }
    }
  }
`;

graphql`
  mutation journeyUpdateMutation($input: LeadUpdateInput!) {
    leadUpdate(input: $input) {
      lead {
        title
        version
      }
      errors {
        __typename
        code
        ... on StaleVersionError {
          current
        }
      }
    }
  }
`;

graphql`
  mutation journeyUploadMutation($file: Upload!) {
    leadImportUpload(input: { file: $file }) {
      importJob {
        fileName
        headers
        estimatedRowCount
      }
    }
  }
`;

graphql`
  subscription journeyEventsSubscription {
    workspaceEvents(types: ["WorkspaceUpdated"]) {
      seq
      type
    }
  }
`;
