"""Enums of leads, companies, imports and enrichment."""

from domain.enrichment.rules.calls import CallStatus, EnrichmentOutcome
from domain.leads.rules import (
    DuplicatePolicy,
    ExportStatus,
    FactState,
    ImportStatus,
    LeadEmailStatus,
    LeadStatus,
    LegalBasis,
    RowErrorPolicy,
    SourceKind,
)
from domain.leads.vocabulary import LeadField
from schema.enums.showing import shown_enum

shown_enum(
    LeadStatus,
    "How far a person has come.",
    NEW="Entered, and nothing done yet.",
    ENRICHING="More about them is being looked for.",
    QUALIFIED="They fit, and can be written to.",
    DISQUALIFIED="They don't fit.",
    ENROLLED="In a sequence, not written to yet.",
    CONTACTED="Written to.",
    ENGAGED="They answered.",
    MEETING="A meeting is arranged.",
    OPPORTUNITY="There may be a deal.",
    WON="They bought.",
    LOST="They won't buy.",
    MERGED="The same person as another lead, which goes on for both.",
    ERASED="Their data were erased; only what keeps others from writing to them is left.",
)
shown_enum(
    LeadEmailStatus,
    "What verification said about the address.",
    UNVERIFIED="Nobody has looked.",
    VALID="Its mail server takes mail for it.",
    RISKY="It may bounce: a role's address, or one that was guessed.",
    CATCH_ALL="Its domain takes mail for every address, so nobody can tell.",
    INVALID="It can't be delivered to.",
    DISPOSABLE="Of a service for throw-away addresses.",
    UNKNOWN="The check came to no result; it is tried again.",
)
shown_enum(
    SourceKind,
    "Where something was learnt.",
    PUBLIC="A public page.",
    PROVIDER="A data provider.",
    UPLOAD="A file that a member uploaded.",
    CONNECTED_ACCOUNT="A mailbox or another account of the workspace.",
    REPLY="A mail of the person.",
    USER_EDIT="A member entered it.",
)
shown_enum(
    FactState,
    "Whether a fact is the one that counts.",
    CANDIDATE="Found, but another one counts.",
    CURRENT="The one that counts.",
    SUPERSEDED="It counted until a better one was found.",
    REJECTED="A member said it is wrong; it doesn't come back.",
    ERASED="Its content was erased.",
)
shown_enum(
    ImportStatus,
    "Where an import stands.",
    UPLOADED="The file was read in part, its columns were guessed; it waits to be started.",
    MAPPED="Started; it waits for its turn.",
    VALIDATED="Checked to its end; not used so far.",
    IMPORTING="Being read.",
    DONE="All of its leads are there.",
    FAILED="Nothing of it was taken; `error` says why. It can be started again.",
    CANCELLED="Somebody stopped it; nothing of it was taken.",
    ROLLED_BACK="Taken back after it was done; not used so far.",
)
shown_enum(
    RowErrorPolicy,
    "What a bad row means for the others.",
    REJECT_ALL="One bad row, and nothing is imported.",
    REJECT_ROWS="Bad rows are left out and listed.",
)
shown_enum(
    DuplicatePolicy,
    "What a row about somebody who is a lead already does.",
    UPDATE="It fills in and changes what the file knows better.",
    SKIP="It changes nothing.",
)
shown_enum(
    LegalBasis,
    "What allows writing to these people (GDPR Article 6(1)).",
    LEGITIMATE_INTERESTS="Point (f): an interest that theirs doesn't outweigh.",
    CONSENT="Point (a): they agreed.",
    CONTRACT="Point (b): a contract with them, or steps they asked for before one.",
)
shown_enum(
    LeadField,
    "What a column of a file can be mapped to.",
    EMAIL="The address to write to.",
    FIRST_NAME="Given name.",
    LAST_NAME="Family name.",
    FULL_NAME="Both names in one cell; taken apart where first and last name are missing.",
    TITLE="Job title.",
    SENIORITY="How high in the company.",
    DEPARTMENT="Where in the company.",
    PHONE="Phone number, with country code or with the row's country.",
    MOBILE_PHONE="Mobile phone number; taken where there is no other.",
    LINKEDIN_URL="The person's profile on LinkedIn.",
    COMPANY_NAME="The company's name.",
    COMPANY_DOMAIN="The company's domain, such as acme.co.uk.",
    COMPANY_WEBSITE="The company's website.",
    COMPANY_LINKEDIN_URL="The company's page on LinkedIn.",
    COMPANY_INDUSTRY="What the company does.",
    COMPANY_SIZE="How many work there: a number or a range.",
    CITY="City.",
    REGION="State or province.",
    COUNTRY="A country's name or code.",
    TIME_ZONE="IANA time zone.",
    LOCALE="A language.",
    NOTES="Free text; kept as a custom field.",
    OPT_OUT="Yes means never write to this person.",
    OPT_IN="No means never write to this person; empty says nothing.",
    OPT_OUT_STATUS='A stage or status whose value may be "Do Not Contact"; also kept as a custom field.',
    OPT_OUT_PHONE="Yes means never call this person.",
)
shown_enum(
    ExportStatus,
    "Where an export stands.",
    QUEUED="It waits for its turn.",
    RUNNING="Being written.",
    READY="It can be downloaded.",
    FAILED="It couldn't be written; `error` says why.",
    EXPIRED="Its file was deleted after a day.",
)
shown_enum(
    CallStatus,
    "How a provider call ended, or that it hasn't.",
    STARTED="It was asked and hasn't answered.",
    OK="It answered with something.",
    NO_MATCH="It answered that it has nothing.",
    ERROR="It failed.",
    TIMEOUT_UNKNOWN="No answer in time; whether it did its work is unknown.",
)
shown_enum(
    EnrichmentOutcome,
    "What enriching a lead came to.",
    FOUND="Everything that was wanted is there.",
    PARTIAL="Some of it is there.",
    NOT_FOUND="Nobody had anything.",
    FAILED="Sources failed, and nothing was found.",
    SKIPPED="Nobody was asked: the lead must not be worked with.",
)
