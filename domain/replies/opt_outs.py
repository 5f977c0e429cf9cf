"""Natural-language opt-outs in English, German, French, Spanish, Italian, Dutch and Portuguese.

Only words in the first person or the imperative count ("remove me"). Footers speak to the reader ("to unsubscribe,
click here"): a sentence of that kind never counts, whoever's footer it is. Honouring free-text requests is required
by 16 CFR 316.5 (CAN-SPAM), GDPR Art. 21(3) and RFC 8058's reasoning: the way out must be any reasonable one.
"""

import re

from domain.replies.phrases import any_of, sentence_around

_MAILS = r"(?:(?:junk |marketing |sales |cold )?(?:e-?mails?|mails?|messages?|newsletters?|spam))"

OPT_OUT = any_of(
    # English
    r"(?:remove|take|delete|drop|get|strike) (?:me|us|my (?:name|e-?mail|address|e-?mail address|contact|"
    r"details)|this e?-?mail(?: address)?|this address) (?:off|from|out of)",
    r"remove (?:me|us)",
    r"take (?:me|us) off",
    r"unsubscribe (?:me|us|my|this e?-?mail|please)",
    r"(?:please|pls|plz|kindly|just) unsubscribe",
    r"(?:want|like|wish|ask(?:ed|ing)?|need) to (?:unsubscribe|opt[- ]out|be removed|be taken off|be unsubscribed)",
    r"opt (?:me|us) out",
    r"stop (?:e-?mailing|contacting|writing to|writing|messaging|spamming|bothering|pestering|harassing|"
    r"soliciting) (?:me|us|my|our|this)",
    rf"stop (?:sending|with) (?:me |us )?(?:any |all |more |these |this |your |such |the )*(?:me|us|{_MAILS}|"
    rf"stuff|follow[- ]?ups?)",
    rf"stop (?:these|this|your|the|all) {_MAILS}",
    r"please stop(?!\s(?:by|in|over))",
    r"(?:do not|don't|dont|never|no longer) (?:ever )?(?:e-?mail|contact|message|call|bother|solicit|"
    r"write(?: to)?|reach out to) (?:me|us|this|my|our|anyone)(?: (?:again|anymore|"
    r"any more))?(?! (?:until|before|till|in (?:january|february|q[1-4])))",
    rf"(?:do not|don't|dont|never) (?:ever )?send (?:me |us )?(?:any ?(?:more|further|thing)?|more|further|"
    rf"these|such|your)(?: {_MAILS})?",
    r"(?:do not|don't|dont|never) (?:ever )?(?:contact|e-?mail|write|message)(?: me| us)? (?:again|any ?more|ever)",
    rf"no (?:more|further) (?:{_MAILS}|contact|communications?|outreach|solicitations?|follow[- ]?ups?)",
    r"(?:do not|don't|dont|no longer|never) (?:want|wish|care|like|agree)(?: to)? (?:be contacted|"
    r"be e-?mailed|receive|hear|get)",
    rf"(?:do not|don't|dont|no longer) want (?:any |more |your |these |any more |further )*{_MAILS}",
    r"(?:not|n't) interested(?: at all)?[,.!;:\- ]{1,3}(?:(?:so|and) )?(?:please |pls |kindly )?(?:stop|"
    r"remove|unsubscribe)",
    r"leave (?:me|us) alone|(?:fuck|piss|bugger) off|go away",
    r"how (?:do|can) (?:i|we) (?:unsubscribe|opt[- ]?out|get off|stop (?:this|these))",
    r"lose my (?:e-?mail|number|address|contact)",
    r"cease (?:all |any )?(?:further )?(?:contact|communications?|e-?mails?)",
    # German
    r"(?:nehmen|streichen|loschen|loeschen|entfernen|tragen|nehmt|streicht|loscht|entfernt|nimm|"
    r"streich) (?:sie )?(?:bitte )?(?:mich|uns|meine|unsere)[^.!?\n]{0,50}(?:verteiler|listen?|adressliste|"
    r"mailingliste|kontaktliste|datenbank)",
    r"aus (?:ihrem|dem|eurem|deinem|ihren|allen) (?:e-?mail-?)?(?:verteilern?|adressverteiler|mailverteiler|"
    r"newsletter|listen) (?:zu )?(?:nehmen|streichen|loschen|loeschen|entfernen|austragen|raus)",
    r"tragen sie (?:mich|uns) (?:bitte )?aus|(?:mich|uns) (?:bitte )?(?:austragen|abmelden|abzumelden|"
    r"auszutragen)|bitte (?:austragen|abmelden|abbestellen)",
    r"melden sie (?:mich|uns) (?:bitte )?ab",
    r"keine (?:weiteren|weitere) (?:e-?mails?|mails?|nachrichten|werbung|anfragen|anschreiben|"
    r"kontaktaufnahmen?|kontaktversuche|newsletter)",
    r"(?:bitte|wunschen?|mochten?|moechten?|will|wollen|senden|"
    r"schicken)[^.!?\n]{0,40}keine (?:solchen )?(?:e-?mails?|mails?|nachrichten|werbung|werbemails|newsletter|"
    r"anfragen)(?: mehr)?",
    r"(?:kontaktieren|schreiben|belastigen|belaestigen|mailen) sie (?:mich|mir|uns) (?:bitte )?(?:nicht|"
    r"nie) (?:mehr|wieder|weiter)",
    r"(?:mich|mir|uns) (?:bitte )?(?:nicht|nie) (?:mehr|weiter|wieder) (?:zu )?(?:kontaktieren|anschreiben|"
    r"anzuschreiben|schreiben|belastigen|belaestigen|mailen)",
    r"(?:mochte|moechte|will|wollen|mochten|wunsche) (?:ich |wir )?(?:von ihnen )?(?:nicht|nichts) (?:mehr|"
    r"weiter|langer) (?:kontaktiert|angeschrieben|erhalten|bekommen|von ihnen|horen)",
    r"lassen sie (?:mich|uns) (?:bitte )?in ruhe|horen sie (?:bitte )?auf|unterlassen sie",
    # French
    r"(?:desinscri(?:re|vez|s)|desabonne[rz]?)[- ](?:moi|nous|me)|(?:me|nous) (?:desinscrire|desabonner)",
    r"(?:retire[rz]?|supprime[rz]?|enleve[rz]?|raye[rz]?|efface[rz]?|otez)[- ](?:moi|nous|mon (?:adresse|"
    r"e-?mail|mail|nom|contact)|mes coordonnees|notre adresse)",
    r"(?:me|nous) (?:retirer|supprimer|enlever|rayer) (?:de|du|des)",
    r"ne (?:me|nous) (?:contacte[zr]?|ecri(?:vez|s)|envoye[zr]|sollicite[zr]?|relance[zr]?|demarche[zr]?) plus",
    r"ne plus (?:me|nous|m')\s?(?:contacter|ecrire|solliciter|envoyer|relancer|demarcher|importuner)",
    r"(?:ne |n')?(?:souhait|veu|desir|voul)\w{0,4} plus (?:recevoir|etre (?:contacte|sollicite|demarche|"
    r"relance)\w{0,2}|que vous)",
    r"ne plus (?:recevoir|etre (?:contacte|sollicite|demarche)\w{0,2})",
    r"(?:cessez|arretez|arrete) (?:de (?:m'|nous |me )\w+|vos \w+|ces \w+)",
    # Spanish
    r"(?:darme|darnos|dame|denme|dadme|deme|dame|dennos|denos) de baja|(?:quiero|solicito|deseo|pido) (?:la |mi )?baja",
    r"(?:elimin|borr|quit|saqu|sac|retir)\w{0,4}(?:me|nos) de",
    r"(?:elimin|borr|quit|retir)\w{0,3} (?:mi|nuestra|nuestro) (?:correo|direccion|e-?mail|contacto)",
    r"no (?:me|nos) (?:vuelvan? a|contact\w{1,3}|escrib\w{1,3}|envi\w{1,3}|mand\w{1,3}|"
    r"molest\w{1,3})(?: (?:contactar|escribir|enviar|molestar|correos|mensajes|mas|nada))+",
    r"dej(?:e|en|a|ad|ar) de (?:enviar|escribir|contactar|mandar|molestar)(?:me|nos)",
    r"no (?:quiero|deseo|queremos|deseamos) (?:recibir|seguir recibiendo|que me|que nos|mas (?:correos|"
    r"mensajes|e-?mails))",
    r"cancel(?:ar|en|e|a) mi suscripcion",
    # Italian
    r"(?:cancell|rimuov|elimin|togli|toglie|disiscriv|disiscri)\w{0,4}(?:mi|ci)(?! sapere)",
    r"(?:rimuov|cancell|elimin)\w{0,4} (?:il mio|la mia|il nostro) (?:indirizzo|e-?mail|contatto|mail|nominativo)",
    r"non (?:(?:mi|ci) )?(?:contatt|scriv|invia|manda|disturb)\w{0,6}(?: (?:piu|ulteriormente|altre|altri))",
    r"non (?:desidero|voglio|vogliamo|desideriamo) (?:piu )?(?:ricevere|essere (?:contattat|disturbat)\w)",
    r"smett(?:ete|ila|etela|a|ere) di (?:scriver|inviar|contattar|mandar)(?:mi|ci)",
    # Dutch
    r"(?:haal|verwijder|schrap|gooi) (?:mij|me|ons|mijn (?:adres|e-?mail(?:adres)?|gegevens|"
    r"naam))[^.!?\n]{0,30}(?:van|uit|af)",
    r"(?:schrijf|meld) (?:mij|me|ons) (?:alstublieft |aub |graag |a\.u\.b\. )?(?:uit|af)|(?:mij|me|"
    r"ons) (?:willen )?(?:uit te schrijven|af te melden|uitschrijven|afmelden)",
    r"(?:mail|contacteer|benader|schrijf|bel|stuur) (?:mij|me|ons) (?:aub |alstublieft )?(?:niet|"
    r"nooit) (?:meer|langer|weer)",
    r"(?:mij|me|ons) niet (?:meer|langer) (?:te )?(?:mailen|contacteren|benaderen|contacten)",
    r"niet (?:meer|langer) (?:gemaild|benaderd|gecontacteerd) (?:te )?(?:worden|wil)",
    r"geen (?:verdere |e-?)?(?:mails?|mailtjes|e-?mails?|berichten|reclame|post) meer",
    r"stop(?:pen)? (?:met|a\.u\.b\. met) (?:mij |me |ons )?(?:te )?(?:mailen|sturen|contact)",
    # Portuguese
    r"(?:remov|retir|exclu|elimin|apagu|tir)\w{0,4}-(?:me|nos) d\w{1,3}|me (?:remov\w{1,3}|retir\w{1,3}|"
    r"exclu\w{1,3}|tir\w{1,3}|descadastr\w{1,3}) d\w{1,4}",
    r"(?:remov|retir|exclu|elimin)\w{1,3} (?:o )?(?:meu|nosso) (?:e-?mail|nome|contac?to|endereco)",
    r"nao (?:(?:me|nos) )?(?:envi|mand|conta[c]?t|escrev)\w{1,3}(?:-me|-nos)?(?: (?:me|nos))?(?: (?:e-?mails?|"
    r"mensagens))? mais",
    r"nao (?:quero|desejo|queremos|desejamos|pretendo) (?:mais )?(?:receber|ser contac?tad\w)",
    r"par(?:e|em|a|ar) de (?:me |nos )?(?:enviar|mandar|escrever|contac?tar)(?:-me|-nos)?",
    r"cancel(?:ar|em|e) (?:a )?minha (?:inscricao|subscricao|assinatura)|descadastr(?:ar|e|em)(?: meu| me|-me)",
)

_FOOTER = any_of(
    r"(?:click|klick\w*|clique[rz]?|haga clic|clicca\w*|klik) (?:here|hier|ici|aqui|qui|the|on|auf|sur|en|su|"
    r"op|below|no|na)",
    r"https?:",
    r"(?<!want )(?<!like )(?<!wish )(?<!need )(?<!asked )(?<!asking )to (?:unsubscribe|opt[- ]out|be removed)",
    r"if you[^.!?\n]{0,60} (?:unsubscribe|opt[- ]out|be removed|stop receiving)",
    r"if you (?:do not|don't|no longer|would rather not|would prefer not|'d rather not)[^.!?\n]{0,60}(?:reply|"
    r"click|let me know|let us know|just|follow|write|answer|say|receive|hear|interested)",
    r"if you'd rather not|if this is(?:n't| not) (?:for you|relevant)|not the right time\? just|"
    r"reply (?:with )?[\"']?(?:stop|unsubscribe|no|remove)",
    r"(?:um sich|wenn sie|falls sie|sofern sie|mochten sie|wollen sie|moechten sie)[^.!?\n]{0,90}(?:erhalten|"
    r"bekommen|abmelden|abzumelden|abbestellen|wunschen|wollen|mochten|moechten|klicken|antworten)",
    r"(?:pour vous (?:desinscrire|desabonner)|si vous ne (?:souhaitez|voulez|desirez)|si vous souhaitez)",
    r"(?:para darse de baja|si (?:usted )?no (?:desea|quiere|deseas|quieres)|si prefieres? no|si desea)",
    r"(?:per (?:cancellarti|cancellarsi|disiscriverti|annullare)|se non (?:desideri|desidera|vuoi|vuole)|qualora non)",
    r"(?:om (?:u|je|uzelf) (?:af te melden|uit te schrijven)|(?:als|indien|wilt) (?:u|je) (?:geen|niet|zich)|"
    r"wilt u geen)",
    r"(?:para (?:cancelar|se descadastrar|deixar de receber)|(?:caso|se) (?:voce )?nao (?:deseje|desejar|"
    r"queira|quiser|deseja))",
)

_NEGATION_BEFORE = re.compile(
    r"(?:do not|don't|dont|no need to|never|not to|rather not|why would you) (?:please )?$"
)

_BARE_WORDS = frozenset(
    """stop, unsubscribe, unsubscribed, unsubscribe me, remove, remove me, optout, opt out, opt-out, stop it
    stop email, stop emails, stop mail, stopp, abmelden, abbestellen, austragen, abmeldung, desinscription
    desabonnement, desabonner, se desinscrire, desinscrire, arret, arretez, baja, dar de baja, darse de baja
    darme de baja, cancelar suscripcion, cancellami, cancellazione, disiscrizione, rimuovimi, disiscrivimi
    disiscrivetemi, cancellatemi, uitschrijven, afmelden, uitschrijving, afmelding, descadastrar, descadastre
    remover, cancelar inscricao, cancelar subscricao, cancelar assinatura, sair, parar, pare""".replace(
        "\n    ", ", "
    ).split(", ")
)
_POLITE = re.compile(
    r"^(?:(?:hi|hello|hey|hallo|bonjour|hola|ciao|ola|dag)(?: \w+)?[,!. ]+)?(?:please|pls|plz|bitte|merci de|"
    r"svp|por favor|per favore|graag|aub)?[,: ]*"
    r"|[,: ]*(?:please|pls|plz|bitte|svp|merci|s'il vous plait|por favor|per favore|gracias|aub|alstublieft|"
    r"thanks|thank you|thx|danke|obrigad[oa]|grazie|bedankt)?"
    r"[.!, ]*$"
)


def find_opt_out(text: str) -> tuple[int, int] | None:
    """Return the [start, end) of the first request in folded ``text`` to be left alone, or None."""
    for found in OPT_OUT.finditer(text):
        if _NEGATION_BEFORE.search(text[max(0, found.start() - 40) : found.start()]):
            continue
        if not _FOOTER.search(sentence_around(text, found.start())):
            return found.span()
    return None


def is_bare_opt_out(line: str) -> bool:
    """Tell whether one folded line says nothing but "stop", "unsubscribe" and the like, politely or not.

    Everyday words count only alone, never inside a sentence ("stop by our booth").
    """
    if len(line) > 80:
        return False
    return _POLITE.sub("", line.strip(" \"'*.!-<>")).strip(" \"'*.!-") in _BARE_WORDS
