"""What people write in sales replies, as patterns per label, in seven languages.

The order is the order of judgement: what binds us in law first, then refusals before interest, since
"not interested" contains "interested".
"""

import re
from dataclasses import dataclass

from domain.replies.labels import Label, Nuance
from domain.replies.phrases import any_of


@dataclass(frozen=True, slots=True)
class Wording:
    """A pattern over folded text and what it means; ``confidence`` is 0..1."""

    label: Label
    confidence: float
    pattern: re.Pattern[str]
    nuance: Nuance | None = None


_LEGAL = any_of(
    r"cease and desist|legal (?:action|proceedings|steps)|(?:will|going to|shall) sue",
    r"(?:my|our) (?:lawyers?|attorneys?|solicitors?)[^.!?\n]{0,40}(?:in touch|contact\w*|hear|action|sue|"
    r"court|complaint)",
    r"(?:report|complain|complaint|reported|reporting)[^.!?\n]{0,30} (?:to|with) (?:the )?(?:ico|ftc|fcc|"
    r"data protection|information commissioner\w*|information regulator|regulators?|authorit\w+)",
    r"(?:violat\w+|in breach|breach(?:es|ing)?|illegal|unlawful)[^.!?\n]{0,40}(?:gdpr|can-?spam|popia|pecr|"
    r"ccpa|casl|the law|data protection)|(?:gdpr|can-?spam|popia|pecr|ccpa|casl) (?:violation|breach|"
    r"complaint)",
    r"abmahn(?:ung|en)|rechtliche schritte|(?:mein|unser|einen|meinem|unserem|meinen|"
    r"unseren)\w{0,2} (?:rechts)?anw\w{2,4}|unterlassungs\w{4,20}|auf unterlassung|strafanzeige|"
    r"(?:datenschutz|aufsichts)behorde[^.!?\n]{0,40}(?:meld|beschwer|anzeig|wend)\w*|"
    r"(?:meld|beschwer|anzeig|wend)\w*[^.!?\n]{0,40}(?:datenschutz|aufsichts)behorde|"
    r"verstoss gegen (?:die )?(?:dsgvo|uwg)|§ ?7 uwg",
    r"mise en demeure|poursuites|action en justice|(?:mon|notre) avocat|(?:plainte|signal|saisi|"
    r"denonc)\w*[^.!?\n]{0,40}cnil",
    r"acciones legales|(?:mi|nuestro) abogado|burofax|(?:denunci\w+|reclamacion)[^.!?\n]{0,40}(?:aepd|agencia|"
    r"proteccion de datos)",
    r"(?:azioni|vie) legali|(?:mio|nostro) avvocato|diffid[ao]|(?:segnal|reclam|denunci)\w*[^.!?\n]{0,30}garante",
    r"juridische stappen|(?:mijn|onze) advocaat|(?:klacht|meld|"
    r"melding)\w*[^.!?\n]{0,40}autoriteit persoonsgegevens|doe\w? aangifte",
    r"(?:medidas|acoes) (?:legais|judiciais)|acao judicial|(?:meu|nosso) advogado|(?:denunci|queixa|"
    r"reclam)\w*[^.!?\n]{0,40}(?:anpd|cnpd)",
)
_ERASURE = any_of(
    r"(?:delete|erase|remove|destroy|wipe) (?:all |any )?(?:of )?(?:the )?(?:my|our|"
    r"personal) (?:personal )?(?:data|information|details|records?)|right to (?:be forgotten|erasure)|"
    r"(?:delete|erase)[^.!?\n]{0,40}(?:about|on) me",
    r"(?:losch|loesch)\w{0,4}[^.!?\n]{0,40}(?:meine|meiner|unsere|personenbezogenen?)[^.!?\n]{0,25}daten|"
    r"(?:meine|unsere)[^.!?\n]{0,25} daten[^.!?\n]{0,40}(?:losch|loesch)\w{0,4}",
    r"(?:supprim|effac)\w*[^.!?\n]{0,30}(?:mes|nos) donnees|droit a l'(?:oubli|effacement)",
    r"(?:elimin|borr|suprim)\w*[^.!?\n]{0,30}(?:mis|nuestros) datos|derecho (?:al olvido|de supresion)",
    r"(?:cancell|elimin|rimuov)\w*[^.!?\n]{0,30}(?:miei|nostri) dati|diritto (?:all'oblio|alla cancellazione)",
    r"verwijder\w*[^.!?\n]{0,30}mijn (?:persoons)?gegevens|"
    r"mijn (?:persoons)?gegevens[^.!?\n]{0,30}(?:verwijder|wis)\w*|recht op (?:vergetelheid|verwijdering)",
    r"(?:apag|exclu|elimin|remov)\w*[^.!?\n]{0,30}(?:meus|nossos) dados|direito ao esquecimento",
)
_ACCESS = any_of(
    r"who gave you my (?:data|details|e-?mail|address|name|number|contact)",
    r"(?:where|how) (?:did|have) you (?:get|got|gotten|find|found|obtain|obtained|come by|source|"
    r"sourced) (?:my|our|this) (?:personal )?(?:data|details|e-?mail|information|contact|address|name|number)",
    r"(?:subject|data) access request|dsar|copy of (?:all )?(?:my|the) (?:personal )?data|"
    r"what (?:personal )?data (?:do )?you (?:hold|have|store) (?:about|on) me|art(?:icle|"
    r"\.)? ?15[^.!?\n]{0,20}(?:gdpr|rgpd|avg)",
    r"auskunft[^.!?\n]{0,60}(?:daten|dsgvo|art)|woher haben sie (?:meine|unsere)|art(?:ikel|"
    r"\.)? ?15[^.!?\n]{0,12}dsgvo",
    r"(?:ou|comment) avez[- ]vous (?:eu|obtenu|trouve|recupere) (?:mon|mes|notre|nos)|droit d'acces",
    r"de donde (?:han |ha )?(?:sac|obt|consegu)\w* (?:mi|mis)|(?:como|donde) (?:han |ha )?(?:obt|"
    r"consegu)\w* (?:mi|mis)|derecho de acceso",
    r"(?:dove|come) (?:avete|ha|hai) (?:preso|ottenuto|trovato|avuto|reperito) (?:il mio|i miei|la mia)|"
    r"diritto di accesso",
    r"hoe kom(?:t|en)? (?:u|je|jullie) aan mijn|inzageverzoek|recht op inzage",
    r"(?:onde|como) (?:voces? )?(?:obt|conseg)\w+ (?:o |os )?(?:meu|meus)|direito de acesso",
)
_OBJECTION = any_of(
    r"object to (?:the |any |your )?(?:processing|use|direct marketing)|art(?:icle|"
    r"\.)? ?21[^.!?\n]{0,20}(?:gdpr|dsgvo|rgpd|avg)",
    r"widerspr(?:eche|uch)[^.!?\n]{0,60}(?:verarbeitung|nutzung|verwendung|daten|werbung)",
    r"m'oppose (?:au traitement|a l'utilisation)|droit d'opposition",
    r"me opongo al (?:tratamiento|uso)|derecho de oposicion|mi oppongo al trattamento|diritto di opposizione",
    r"maak bezwaar tegen|oponho-me ao tratamento|direito de oposicao",
)
_SPAM_COMPLAINT = any_of(
    r"(?:report|mark|flagg|flag)(?:ed|ing)? (?:you |this |it |your (?:e-?mails?|messages?) )?(?:as|"
    r"for) (?:spam|junk|abuse|phishing)|this is (?:spam|harassment)",
    r"als spam (?:gemeldet|markiert)|das ist (?:\w+ )?spam",
    r"(?:signale|marque|classe)\w{0,2} (?:votre \w+ )?(?:comme|en) (?:spam|indesirable)|c'est du spam",
    r"(?:marcado|reportado|denunciado|marco) como spam|esto es spam|(?:segnalato|contrassegnato) come spam|"
    r"questo e spam",
    r"als spam (?:gemeld|gemarkeerd)|dit is spam|(?:marquei|denunciei|reportei|marcado) como spam|isto e spam|"
    r"isso e spam",
)
LEFT_COMPANY = any_of(
    r"(?:is|am|are|'m|'s) no longer (?:with|at|employed|working|works?|part of|an employee|a member|here)|"
    r"no longer works?",
    r"(?:has|have|'ve|'s) left (?:the )?(?:company|organi[sz]ation|firm|business|team|our|us|[a-z]+ (?:ltd|"
    r"inc|gmbh|ag|llc))|left the company|my last (?:working )?day (?:at|with|was|is|in)",
    r"(?:this |the )?(?:mailbox|e-?mail address|address|inbox|account) is (?:no longer|"
    r"not) (?:being )?(?:monitored|in use|active|valid|used)",
    r"nicht mehr (?:(?:fur|bei|im|in)[^.!?\n]{1,50} )?(?:tatig|taetig|beschaftigt|beschaeftigt|bei uns|"
    r"im unternehmen|im haus)|(?:unternehmen|firma|haus) verlassen|ausgeschieden",
    r"ne fai[st] plus partie|n'est plus (?:en poste|employee?|salariee?|dans|chez|parmi)|ne travaille plus|"
    r"a quitte (?:la|l'|le|nos|notre|ses)\s?\w+",
    r"ya no (?:trabaja|trabajo|forma parte|formo parte|pertenece|esta en la empresa)|ha dejado la empresa|"
    r"dejo de trabajar",
    r"non (?:lavora|lavoro|fa|faccio) piu (?:parte|per|in|presso|con|qui)|ha lasciato (?:l'azienda|la societa)",
    r"niet (?:meer|langer) (?:werkzaam|in dienst)|werkt? (?:niet|hier niet) (?:meer|langer)|uit dienst",
    r"(?:ja )?nao (?:faz|faco) mais parte|(?:ja )?nao (?:trabalha|trabalho|colabora)(?: mais)? (?:na|com|aqui|"
    r"nesta|para)|ja nao faz parte|deixou a empresa",
)
_WRONG_PERSON = any_of(
    r"(?:not|isn't|wasn't|am not) (?:the |your )?(?:right|correct|best|appropriate|relevant) (?:person|"
    r"contact|one|department)|wrong (?:person|contact|e-?mail|guy|department|address)",
    r"(?:do not|don't|no longer) (?:handle|deal with|manage|look after) (?:this|that|these|it)|"
    r"not (?:in )?my (?:area|department|responsibility|remit|job)",
    r"nicht (?:der|die) richtige|nicht (?:dafur |hierfur )?zustandig|falsche[rn]? (?:ansprechpartner\w*|"
    r"person|adresse|kontakt)",
    r"pas (?:la bonne personne|le bon (?:interlocuteur|contact)|la bonne adresse)|mauvaise? (?:personne|"
    r"interlocuteur|adresse)|ne suis pas (?:concernee?|en charge|la bonne personne)",
    r"no soy (?:la persona|el contacto|el responsable|la responsable)|persona equivocada|no me encargo",
    r"non sono la persona|persona sbagliata|non (?:me ne|mi) occupo|niet de juiste|verkeerde (?:persoon|"
    r"contactpersoon)|ga ik niet over",
    r"nao sou (?:a pessoa|o responsavel|a responsavel)|pessoa errada|contac?to errado",
)
_REFERRAL = any_of(
    r"(?:please |should |could |can |best to |better |want to |try )?(?:contact|speak (?:to|with)|talk (?:to|"
    r"with)|reach out to|get in touch with|connect with|e-?mail|ask)[^.!?\n]{0,30} (?:my |our |his |"
    r"her )?(?:colleague|manager|boss|head of|director|team|procurement|counterpart)",
    r"(?:forward(?:ed|ing)?|pass(?:ed|ing)?|sent|sending) (?:this|it|your (?:e-?mail|message|note|"
    r"details))[^.!?\n]{0,20} (?:to|on to|along|over to)|cc'?(?:d|ing|ed)|(?:i've |i have )?(?:copied|copying|"
    r"looping|looped)(?: in)?|adding my|in cc",
    r"(?:wenden sie sich|melden sie sich|kontaktieren sie|sprechen sie)[^.!?\n]{0,50}(?:kolleg\w+|herrn?|frau|"
    r"abteilung|einkauf)|(?:weitergeleitet|leite[^.!?\n]{0,30}weiter)|in kopie",
    r"(?:contact|adress|rapproch|voir avec)\w*[^.!?\n]{0,40}(?:collegue|confrere|responsable|service)|"
    r"(?:je )?(?:transmets|transfere|fais suivre)|j'ai (?:transmis|transfere)|en copie",
    r"(?:contact|habl|escrib|dirij)\w*[^.!?\n]{0,40}(?:companer[oa]|colega|responsable)|(?:reenvi|deriv)\w+|en copia",
    r"(?:contatt|rivolg|scriv|parl)\w*[^.!?\n]{0,40}(?:collega|responsabile)|inoltr\w+|in copia|(?:contact|"
    r"neem)[^.!?\n]{0,40}collega|doorgestuurd|doorgezet|stuur[^.!?\n]{0,20}door",
    r"(?:conta[c]?t|fal)\w*[^.!?\n]{0,40}(?:colega|responsavel)|(?:re)?encaminh\w+|em copia",
)
REFERRAL_LEAD_IN = any_of(
    r"contact|reach out|get in touch|speak (?:to|with)|talk (?:to|with)|e-?mail|try|ask|write to|right person|"
    r"better person|best person|instead|handles|in charge|responsible",
    r"wenden|kontakt\w*|ansprechpartner\w*|zustandig\w*|schreiben sie|melden",
    r"contact\w*|adress\w+|ecri\w+|interlocuteur|responsable|dirij\w+|escrib\w+|habl\w+|contatt\w+|rivolg\w+|"
    r"scriv\w+|responsabile|collega|neem|conta[c]?t\w+|fale|colega",
)
_NOT_NOW = any_of(
    r"not (?:right )?now|not at (?:this|the) (?:time|moment|stage|present)|(?:too|very|really|quite|a bit|"
    r"super) busy|bad time|bad timing|maybe later|(?:interested|looking|needed|"
    r"planned)[^.!?\n]{0,15} (?:right now|at the moment|currently)|timing (?:isn't|is not)",
    r"(?:reach out|check in|check back|get in touch|contact me|contact us|circle back|follow up|ping me|"
    r"come back|try (?:me |us )?again|revisit|touch base|talk|speak|reconnect|e-?mail me|"
    r"write me)[^.!?\n]{0,30}(?:later|next (?:week|month|quarter|year)|in (?:a few|a couple|\d+|two|three|six|"
    r"twelve|q[1-4]|january|february|march|april|may|june|july|august|september|october|november|december)|"
    r"q[1-4]|after|until)",
    r"(?:next|new) (?:quarter|fiscal year|financial year)|(?:do not|don't|dont) (?:contact|e-?mail|"
    r"call)(?: me| us)? (?:until|before|till)",
    r"(?:im moment|momentan|derzeit|aktuell|zurzeit|zur zeit|gerade) (?:\w+ ){0,2}(?:nicht|kein\w*)|(?:melden|"
    r"kontaktieren|schreiben)[^.!?\n]{0,40}(?:spater|nachste\w|im (?:januar|fruhjahr|herbst|sommer|winter|"
    r"neuen jahr))|spater (?:noch ?mal|wieder)|nachste\w (?:jahr|quartal|monat)",
    r"pas (?:pour le moment|pour l'instant|maintenant|en ce moment|tout de suite|d'actualite|la priorite)|"
    r"plus tard|(?:recontact|relanc|revenez|reparl)\w*[^.!?\n]{0,40}(?:mois|trimestre|annee|semaine|rentree|"
    r"janvier|fevrier|mars|avril|mai|juin|septembre|octobre)|l'annee prochaine",
    r"(?:ahora|en este momento|por ahora|de momento|actualmente) no|no (?:es|en) (?:un |el )?(?:buen |mejor |"
    r"este )?momento|mas adelante|(?:el )?proximo (?:ano|trimestre|mes)|el ano que viene",
    r"(?:al momento|per ora|per il momento|adesso|attualmente) non?|non (?:e il momento|adesso|ora|"
    r"in questo momento)|piu avanti|(?:il )?prossimo (?:anno|trimestre|mese)",
    r"(?:nu|momenteel|op dit moment|voorlopig) (?:even |nog )?(?:niet|geen)|later (?:nog eens|weer|opnieuw|"
    r"dit jaar)|volgend (?:jaar|kwartaal)|volgende maand",
    r"(?:agora|neste momento|no momento|por enquanto|de momento) nao|nao (?:e o|neste) (?:melhor )?momento|"
    r"mais (?:tarde|para a frente|adiante)|(?:no )?proximo (?:ano|trimestre|mes)",
)
_NOT_INTERESTED = any_of(
    r"(?:not|n't|never) (?:\w+ )?interested|no interest|(?:no|nope),? thank(?:s| you)|not (?:a|the right|"
    r"a good|quite a) fit|(?:we|i)(?:'ll| will| have to| am going to) pass|(?:we|i)(?:'re| are|'m|"
    r" am) (?:all )?(?:set|good|covered|happy with)|not (?:for us|for me|relevant)|already (?:have|use|using|"
    r"work with)|not looking (?:for|to)|no need|don't need|do not need",
    r"kein(?:e|en|erlei)? (?:interesse|bedarf)|nicht interessiert|nein,? danke|nicht relevant|"
    r"brauchen wir nicht|(?:haben|nutzen) bereits",
    r"pas (?:interesse|d'interet|besoin|du tout interesse)\w{0,2}|aucun (?:interet|besoin)|non,? merci|"
    r"ne (?:nous |m')?\s?interesse pas",
    r"no (?:estoy|estamos|me|nos) interes\w+|no,? gracias|sin interes|no (?:lo )?necesitamos|non (?:sono|"
    r"siamo|mi|ci) interess\w+|no,? grazie|nessun interesse|non (?:ne )?abbiamo bisogno",
    r"niet geinteresseerd|geen (?:interesse|behoefte)|nee,? (?:bedankt|dank\w*)|nao (?:estou|estamos|tenho|"
    r"temos|me|nos) interess\w+|nao,? obrigad[oa]|sem interesse|nao (?:precisamos|preciso)",
)
_INTERESTED = any_of(
    r"(?:i'm|i am|we're|we are|would be|might be|be|very|definitely|quite|certainly) interested|"
    r"interested in (?:learning|hearing|seeing|knowing)|(?:this |that |it )?(?:sounds|looks) (?:good|great|"
    r"interesting|promising)|tell (?:me|us) more|(?:yes|sure|ok|okay),? (?:please|let's|happy|go ahead|"
    r"why not)",
    r"(?:let's|let us|happy to|glad to|love to|like to|can we|could we|open to|keen to) (?:\w+ )?(?:talk|chat|"
    r"meet|schedule|connect|set (?:up|something)|book|jump|discuss|hear|learn|see|have a (?:call|chat|look)|"
    r"know more)",
    r"(?:send|share) (?:me|us|over|through|along)|more (?:info|information|details)|book (?:a|some)|"
    r"schedule a|calendly|(?:i'm|i am|we're|we are) (?:free|available)|(?:works|suits) (?:for )?(?:me|us)|"
    r"how about (?:monday|tuesday|wednesday|thursday|friday|tomorrow|next week)",
    r"(?:bin|sind|ware|waren|sehr) (?:\w+ )?interessiert|(?:klingt|hort sich) (?:\w+ )?(?:gut|spannend|"
    r"interessant)|gerne?[^.!?\n]{0,40}(?:termin|telefon\w*|gesprach|austausch\w*|mehr|demo|infos?|"
    r"kennenlernen)|mehr (?:infos?|informationen|erfahren|daruber)|schicken sie (?:mir|uns)|terminvorschlag\w*",
    r"(?:suis|sommes|serais|serions|tres) (?:\w+ )?interesse\w{0,2}|m'interesse|nous interesse|volontiers|"
    r"avec plaisir|en savoir plus|(?:prendre|fixer|convenir|caler)[^.!?\n]{0,20}(?:rendez|rdv|appel|creneau)|"
    r"plus d'informations|envoyez[- ](?:moi|nous)",
    r"(?:me|nos|si,? me) interesa\w{0,2}|interesad[oa]s?|suena (?:\w+ )?(?:bien|interesante)|"
    r"mas (?:informacion|detalles)|(?:agend|program|concert)\w*[^.!?\n]{0,20}(?:llamada|reunion|cita)|"
    r"podemos hablar",
    r"(?:mi|ci) interessa|interessat[oi]|(?:sembra|e) interessante|maggiori (?:informazioni|dettagli)|"
    r"(?:fissare|organizzare|sentirci)[^.!?\n]{0,20}(?:call|chiamata|incontro|appuntamento)|volentieri",
    r"(?:wel|zeker|heel|erg|ben|zijn) geinteresseerd|klinkt (?:\w+ )?(?:goed|interessant)|meer (?:info|"
    r"informatie|weten|over)|(?:afspraak|gesprek) (?:inplannen|maken|plannen)|graag[^.!?\n]{0,30}(?:meer|demo|"
    r"gesprek|afspraak|kennismak\w+)",
    r"(?:tenho|temos|tenho muito) interesse|interessad[oa]s?|parece (?:\w+ )?(?:bom|interessante)|"
    r"mais (?:informacoes|detalhes)|(?:agendar|marcar)[^.!?\n]{0,20}(?:chamada|reuniao|call|conversa)|(?:me|"
    r"nos) interessa",
)

BINDING_WORDINGS = (
    Wording(Label.LEGAL, 0.9, _LEGAL),
    Wording(Label.DSR, 0.9, _ERASURE, Nuance.ERASURE_REQUEST),
    Wording(Label.DSR, 0.9, _OBJECTION, Nuance.OBJECTION),
    Wording(Label.DSR, 0.75, _ACCESS, Nuance.ACCESS_REQUEST),
)
COMPLAINT_WORDING = Wording(Label.COMPLAINT, 0.85, _SPAM_COMPLAINT)
PERSON_WORDINGS = (
    Wording(Label.WRONG_PERSON, 0.85, LEFT_COMPANY, Nuance.LEFT_COMPANY),
    Wording(Label.WRONG_PERSON, 0.8, _WRONG_PERSON),
)
REFERRAL_WORDING = Wording(Label.REFERRAL, 0.7, _REFERRAL)
TONE_WORDINGS = (
    Wording(Label.NOT_NOW, 0.7, _NOT_NOW),
    Wording(Label.NOT_INTERESTED, 0.8, _NOT_INTERESTED),
    Wording(Label.INTERESTED, 0.7, _INTERESTED),
)
