"""Enums of privacy requests."""

from domain.privacy.data_classes import DataClass
from domain.privacy.rules import DenialGround, Regime, RequestKind, RequestState
from schema.enums.showing import shown_enum

shown_enum(
    DataClass,
    "What a field tells about a person.",
    NONE="Nothing: keys, settings, counters.",
    IDENTITY="Who somebody is.",
    CONTACT="How to reach them.",
    CONTENT="Free text, in which anybody may be named.",
    BEHAVIOUR="What was done to or by them, and when.",
    SECRET="What must never leave: tokens, keys, hashes of codes.",  # noqa: S106 - a class of data
    FINANCIAL="Money and credits.",
    TECHNICAL="Traces of machines: protocol ids, error codes, addresses of clients.",
)
shown_enum(
    RequestKind,
    "What a person asks for; ACCESS, DELETE and OBJECT are carried out.",
    ACCESS="To see their data.",
    CORRECT="To have something wrong put right.",
    DELETE="To have their data erased.",
    OBJECT="Not to be contacted.",
    RESTRICT="To have their data kept but not used.",
    WITHDRAW="To take a consent back.",
    PORTABILITY="To get their data in a form other programs read.",
    OPT_OUT_SALE="Not to have their data sold or shared.",
    LIMIT_SENSITIVE="To have the use of sensitive data limited.",
    APPEAL="To have an earlier answer looked at again.",
)
shown_enum(
    Regime,
    "The law a request is answered under; it sets the deadline.",
    GDPR="The EU's General Data Protection Regulation: one month.",
    UK="The United Kingdom's GDPR: one month.",
    POPIA="South Africa's Protection of Personal Information Act: 30 days.",
    CCPA="California's Consumer Privacy Act: 45 days.",
    OTHER="None of these: 45 days.",
)
shown_enum(
    RequestState,
    "How far a request has come.",
    RECEIVED="It has come in.",
    ACKNOWLEDGED="The person was told so.",
    VERIFYING_IDENTITY="The person has to prove who they are.",
    VERIFIED="The person is who they say.",
    LOCATING="Their data are being looked for.",
    ROUTED="Each store knows what to do.",
    IN_PROGRESS="The stores are at it.",
    AWAITING_THIRD_PARTY="Somebody outside has to answer.",
    READY="The answer can be handed out.",
    FULFILLED="Done.",
    PARTIALLY_FULFILLED="Done, but for what had to stay.",
    DENIED="Refused; `denialGround` says why.",
    REJECTED_UNVERIFIED="Nobody proved to be that person.",
    DUPLICATE="The same as an earlier one.",
    WITHDRAWN="The person took it back.",
)
shown_enum(
    DenialGround,
    "Why a request may be refused.",
    MANIFESTLY_UNFOUNDED="It is plainly without ground.",
    EXCESSIVE="It is excessive, above all by repetition.",
    LEGAL_OBLIGATION="A law orders to keep the data.",
    LEGAL_CLAIM="The data are needed for a legal claim.",
    RIGHTS_OF_OTHERS="It would touch the rights of others.",
    NOT_APPLICABLE="The right doesn't exist under this law.",
    NO_DATA="There are no data about this person.",
)
