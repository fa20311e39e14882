"""Every shared component on one page: what to copy from, and what the tests look at."""

from django import forms


class Sample(forms.Form):
    """A form with one field of each look."""

    block = forms.CharField(label="Block", max_length=20, help_text="Street and cross street")
    doors = forms.IntegerField(label="Doors", help_text="How many doors you knocked on")
    kind = forms.ChoiceField(
        label="What happened",
        choices=[("shooting", "Somebody was hit"), ("shots", "Shots, nobody hit")],
        widget=forms.RadioSelect,
    )
    when = forms.DateTimeField(label="When", required=False)
    why = forms.CharField(label="Why", widget=forms.Textarea, required=False)
    sure = forms.BooleanField(label="I am sure", required=False)


COMPONENTS = """
<div class="title"><h1>Components</h1>
<p class="actions"><a class="button" href="#a">New</a></p></div>
<nav class="tabs" aria-label="Views">
<a href="#a" aria-current="page">Mine</a><a href="#b">Due</a></nav>
{% include "ui/message.html" with text="Saved." %}
{% include "ui/message.html" with text="It is late." kind="due" %}
{% include "ui/message.html" with text="Nobody took it." kind="danger" %}
<dl class="facts"><div><dt>Due now</dt><dd><span class="value">3</span></dd></div></dl>
<ul class="grid"><li class="card card-late"><h2>Elm St</h2>
<p><span class="badge badge-late">Late</span> <span class="badge badge-due">Due</span>
<span class="badge badge-done">Done</span> <span class="badge">Shooting</span></p>
<p>{% include "ui/when.html" with ago=True %}</p>
<dl class="kv"><dt>Hurt</dt><dd>1</dd><dt>Killed</dt><dd>not known</dd></dl>
<p class="actions"><a class="button" href="#a">Take it</a><a class="button-quiet" href="#b">Open</a>
<button class="button-danger" type="button">Retract</button></p></li></ul>
<ul class="list"><li><a href="#a"><span>Elm St</span><span class="badge">Shooting</span></a></li>
<li><span class="row"><span>Oak St</span><span class="small">no response yet</span></span></li></ul>
<ol class="timeline"><li>{% include "ui/when.html" %}<br>Reported</li><li>Confirmed</li></ol>
{% include "ui/empty.html" with text="No shooting today." path="#a" label="Look further back" %}
{% include "ui/pager.html" with page=pages %}
<form class="form" method="post">{% include "ui/form.html" %}
<p class="actions"><button class="button button-wide">Send</button></p></form>
"""
