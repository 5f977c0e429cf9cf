"""The GraphQL documents of the demo, in the order in which they are used."""

SET_UP = """
mutation ($token: String!) {
  setUp(input: {token: $token, email: "ada@plera-demo.example", name: "Ada Demo", password: "a long demo password"}) {
    token errors { code message field }
  }
}"""

WORKSPACE = """
mutation {
  workspaceCreate(input: {
    name: "Plera Demo", postalAddress: "1 Long Street\\n12345 Springfield", timeZone: "Europe/Berlin"
  }) { workspace { id } errors { code message field } }
}"""

LIMITS = """
mutation {
  sendingPolicyUpdate(input: {limits: {companySendsPerDay: 6}}) { workspace { id } errors { code message field } }
}"""

CONNECT = """
mutation ($address: EmailAddress!, $name: String!, $smtp: MailServerInput!, $imap: MailServerInput!) {
  senderConnect(input: {address: $address, displayName: $name, smtp: $smtp, imap: $imap}) {
    sender { id } errors { code message field }
  }
}"""

# twice what is needed: a mailbox with bounces may send half of its limit, and one of these writes the answer
ALWAYS_OPEN = """
mutation ($id: ID!, $days: [WindowDayInput!]!) {
  senderUpdate(input: {id: $id, dailyLimit: 100, gapMinS: 0, gapMaxS: 0, sendingWindow: {days: $days}}) {
    sender { id } errors { code message field }
  }
}"""

SENDERS = "{ senders(first: 100) { nodes { id address status statusReason filesSentCopy } } }"

UPLOAD = """
mutation ($file: Upload!) {
  leadImportUpload(input: {file: $file}) {
    importJob { id encoding delimiter headers suggestions { header field confidence } }
    errors { code message field }
  }
}"""

IMPORT = """
mutation ($id: ID!) {
  leadImport(input: {
    importId: $id, attestation: {legalBasis: LEGITIMATE_INTERESTS, confirm: true}, idempotencyKey: "demo-import"
  }) { importJob { id } errors { code message field } }
}"""

IMPORT_JOB = """
query ($id: ID!) {
  importJob(id: $id) {
    status progress rowCount createdCount updatedCount duplicateCount suppressedCount errorCount error
  }
}"""

PROFILE = """
mutation {
  strategyProfileCreate(input: {
    name: "Fewer surprises in maintenance"
    persona: {name: "Ada Demo", role: "Founder", company: "Plera Demo"}
    offer: "a maintenance calendar that plans itself around your production"
    tone: "plain and friendly"
    cta: "Would a fifteen minute call next week make sense?"
    proofs: [{claim: "Plants that use it plan their week in an hour", evidenceUrl: "https://plera-demo.example/proof"}]
  }) { strategyProfile { id } errors { code message field } }
}"""

SEQUENCE = """
mutation ($subject: String!, $body: String!, $again: String!) {
  sequenceCreate(input: {name: "First touch and one reminder", steps: [
    {variants: [{label: "A", subjectTemplate: $subject, bodyTemplate: $body}]}
    {delayDays: 3, threadMode: REPLY, variants: [{label: "A", subjectTemplate: "", bodyTemplate: $again}]}
  ]}) { sequence { id } errors { code message field } }
}"""

ACTIVATE = """
mutation ($id: ID!) { sequenceActivate(id: $id) { sequence { status } errors { code message field } } }"""

PLAY = """
mutation ($profile: ID!, $sequence: ID!, $importJob: ID!, $senders: [ID!]!) {
  playCreate(input: {
    name: "Trade fair contacts", profileId: $profile, sequenceId: $sequence, source: {importJob: $importJob}
    senderIds: $senders, enrichmentPlan: ["website"], budgetCredits: 4000
  }) { play { id status missing } errors { code message field } }
}"""

LAUNCH = """
mutation ($id: ID!) {
  playLaunch(input: {id: $id, idempotencyKey: "demo-launch"}) { run { id } errors { code message field } }
}"""

RUN = """
query ($id: ID!) {
  run: node(id: $id) { ... on Run {
    status pauseReason
    statistics {
      discovered enriched drafted approved scheduled sent replied bounced optedOut creditsSpent creditsHeld
      stages { stage count } dropped { reason count } steps { position drafted waiting sent replied bounced optedOut }
    }
    providerUse { provider calls cacheHits credits }
  } }
}"""

QUEUE = """
query { reviewQueue(first: 1) {
  totalCount nodes { subject textBody draftedBy claims { span evidence { field sourceUrl snippet } } } } }"""

APPROVABLE = """
query { messages(first: 1, where: {status: {eq: IN_REVIEW}, readiness: {in: [PASS, WARN]}}) { totalCount } }"""

APPROVE = """
mutation ($count: Int!, $key: String!) {
  messagesApprove(input: {expectedCount: $count, idempotencyKey: $key}) {
    approvedCount errors { code message field }
  }
}"""

REPLIES = """
query ($label: ReplyLabel!) { replies(first: 1, where: {label: {eq: $label}}) { totalCount } }"""

DELIVERIES = """
query ($state: DeliveryState!) { deliveries(first: 1, where: {state: {eq: $state}}) { totalCount } }"""

THREAD = """
query { replies(first: 1, where: {label: {in: [INTERESTED, QUESTION, HUMAN]}}) { nodes { thread { id } } } }"""

ANSWER = """
mutation ($id: ID!) {
  threadAnswer(input: {
    threadId: $id, text: "Thank you for your answer. I will call you on Monday.", idempotencyKey: "demo-answer"
  }) { errors { code message field } }
}"""

CREDITS = """
query {
  creditAccount { available held consumed }
  ledgerEntries(first: 100) { totalCount }
}"""
